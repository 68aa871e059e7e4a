# Everything from outside. Debian names in PURPOSE lines, so that a missing one tells what to install; packaging/run.sh installs all of them.
find_package(nlohmann_json 3.11 REQUIRED)
find_package(tl-expected REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(nettle REQUIRED IMPORTED_TARGET nettle)
pkg_check_modules(seccomp REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(libzip REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(libpng REQUIRED IMPORTED_TARGET libpng)
pkg_check_modules(turbojpeg REQUIRED IMPORTED_TARGET libturbojpeg)
pkg_check_modules(sndfile REQUIRED IMPORTED_TARGET sndfile)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
# Without its own CMake files, which want OpenCL's headers.
find_path(LATHE_ONEDNN_INCLUDE oneapi/dnnl/dnnl.hpp REQUIRED)
find_library(LATHE_ONEDNN dnnl REQUIRED)

# LibTorch: the folder of the PyPI wheel, brought by packaging/libtorch.sh. Linked directly and not through find_package(Torch), which would pull in
# the CUDA libraries: this way a program starts in 0.3 s and runs where no CUDA library is.
set(LATHE_LIBTORCH "" CACHE PATH "Folder with torch/include and torch/lib (see packaging/libtorch.sh)")
if(NOT LATHE_LIBTORCH)
  execute_process(COMMAND ${CMAKE_SOURCE_DIR}/packaging/libtorch.sh OUTPUT_VARIABLE LATHE_LIBTORCH_FOUND
                  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  set(LATHE_LIBTORCH ${LATHE_LIBTORCH_FOUND} CACHE PATH "" FORCE)
endif()
set(torch_lib ${LATHE_LIBTORCH}/torch/lib)
add_library(lathe_torch INTERFACE)
target_include_directories(lathe_torch SYSTEM INTERFACE
  ${LATHE_LIBTORCH}/torch/include ${LATHE_LIBTORCH}/torch/include/torch/csrc/api/include)
# Its own OpenMP runtime serves our kernels too: two in one process would be two pools of threads.
target_link_libraries(lathe_torch INTERFACE ${torch_lib}/libtorch_cpu.so ${torch_lib}/libc10.so ${torch_lib}/libgomp.so.1)
target_link_options(lathe_torch INTERFACE
  "LINKER:-rpath,${torch_lib}" "LINKER:-rpath-link,${torch_lib}:${LATHE_LIBTORCH}/nvidia/cu13/lib" "LINKER:--disable-new-dtags")

# nvcc is not on PATH everywhere it is installed.
find_program(LATHE_NVCC nvcc HINTS /usr/local/cuda/bin)

if(LATHE_GUI)
  find_package(Qt6 6.4 REQUIRED COMPONENTS Core Gui Widgets Svg LinguistTools)
  if(LATHE_TESTS)
    find_package(Qt6 6.4 REQUIRED COMPONENTS Test)
  endif()
  find_package(QCustomPlotQt6 QUIET)
  if(NOT TARGET QCustomPlotQt6)
    find_library(LATHE_QCUSTOMPLOT NAMES QCustomPlotQt6 REQUIRED)
    add_library(QCustomPlotQt6 INTERFACE)
    target_link_libraries(QCustomPlotQt6 INTERFACE ${LATHE_QCUSTOMPLOT} Qt6::Widgets)
  endif()
  qt_standard_project_setup()
  # Views switch moc on for themselves: nothing else has signals, and nothing has .ui files.
  set(CMAKE_AUTOMOC OFF)
  set(CMAKE_AUTOUIC OFF)
endif()
if(LATHE_TESTS)
  find_package(GTest REQUIRED)
endif()
