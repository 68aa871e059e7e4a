# lathe_library(FOLDER [TORCH] SOURCES … [DEPENDS …])   one static library per folder, named lathe_<folder>; TORCH: its .cpp files may include torch.
# lathe_test(NAME [TORCH] SOURCES … DEPENDS …)          one GoogleTest program, one ctest entry of the same name.
# lathe_view_test(NAME SOURCES … DEPENDS …)             one Qt Test program, run on the offscreen platform.
# lathe_bench(NAME [TORCH] SOURCES … DEPENDS …)         a benchmark program: built with everything, never run as a test.

function(lathe_library folder)
  cmake_parse_arguments(ARG "TORCH" "" "SOURCES;DEPENDS" ${ARGN})
  string(REPLACE "/" "_" name ${folder})
  add_library(lathe_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(lathe_${name} PRIVATE lathe_compiler)
  target_link_libraries(lathe_${name} PUBLIC ${ARG_DEPENDS})
  if(ARG_TORCH)
    target_link_libraries(lathe_${name} PRIVATE lathe_torch)
  endif()
endfunction()

# Test code runs once and is compiled often: -O1 takes a quarter less time.
function(lathe_compile_as_test target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

function(lathe_test name)
  cmake_parse_arguments(ARG "TORCH" "" "SOURCES;DEPENDS" ${ARGN})
  string(REPLACE "." "_" target test_${name})
  add_executable(${target} ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE lathe_compiler ${ARG_DEPENDS} GTest::gtest_main)
  lathe_compile_as_test(${target})
  target_compile_definitions(${target} PRIVATE LATHE_SOURCE_DIR="${CMAKE_SOURCE_DIR}" LATHE_BINARY_DIR="${CMAKE_BINARY_DIR}")
  if(ARG_TORCH)
    target_link_libraries(${target} PRIVATE lathe_torch)
  endif()
  add_test(NAME ${name} COMMAND ${target})
  # Nothing that an earlier test trained is taken for this one's (core/engine/stage_store.h), and no kernel is chosen by how busy the machine
  # is (core/runtime/kernels/kernel_choices.h).
  set_tests_properties(${name} PROPERTIES TIMEOUT 1200 ENVIRONMENT "LATHE_STAGES=off;LATHE_KERNELS=off")
endfunction()

function(lathe_view_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  string(REPLACE "." "_" target test_${name})
  add_executable(${target} ${ARG_SOURCES})
  set_target_properties(${target} PROPERTIES AUTOMOC ON)
  target_link_libraries(${target} PRIVATE lathe_compiler ${ARG_DEPENDS} Qt6::Widgets Qt6::Test)
  lathe_compile_as_test(${target})
  target_compile_definitions(${target} PRIVATE LATHE_SOURCE_DIR="${CMAKE_SOURCE_DIR}" LATHE_BINARY_DIR="${CMAKE_BINARY_DIR}")
  add_test(NAME ${name} COMMAND ${target})
  set_tests_properties(${name} PROPERTIES TIMEOUT 1200 ENVIRONMENT "QT_QPA_PLATFORM=offscreen;LATHE_STAGES=off;LATHE_KERNELS=off")
endfunction()

function(lathe_bench name)
  cmake_parse_arguments(ARG "TORCH" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(bench_${name} ${ARG_SOURCES})
  target_link_libraries(bench_${name} PRIVATE lathe_compiler ${ARG_DEPENDS})
  if(ARG_TORCH)
    target_link_libraries(bench_${name} PRIVATE lathe_torch)
  endif()
endfunction()
