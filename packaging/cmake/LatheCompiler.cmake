# One INTERFACE target carries standard, warnings and sanitizers; every target of ours links it.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_LINK_DEPENDS_NO_SHARED ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# The time goes into LibTorch and the kernels, which set -O3 themselves; -O2 saves a tenth of the build.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)

find_program(LATHE_CCACHE ccache)
if(LATHE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_CURRENT_LIST_DIR}/compile.sh ${LATHE_CCACHE})
endif()

add_library(lathe_compiler INTERFACE)
target_compile_features(lathe_compiler INTERFACE cxx_std_20)
target_compile_options(lathe_compiler INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wpedantic)
# Our libraries are static: nobody can put another function in the place of one of ours, but with -fPIC alone the compiler may not inline it even in its own file.
target_compile_options(lathe_compiler INTERFACE -fno-semantic-interposition)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 sees overlaps and impossible sizes in "literal" + std::string (GCC bugs 105651 and 105329).
  target_compile_options(lathe_compiler INTERFACE -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)
endif()
target_include_directories(lathe_compiler INTERFACE ${CMAKE_SOURCE_DIR})
if(LATHE_SANITIZE)
  # Checks of vptr need type information that LibTorch does not export (c10::DynamicType).
  target_compile_options(lathe_compiler INTERFACE -fsanitize=${LATHE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined -fno-sanitize=vptr)
  target_link_options(lathe_compiler INTERFACE -fsanitize=${LATHE_SANITIZE})
endif()
