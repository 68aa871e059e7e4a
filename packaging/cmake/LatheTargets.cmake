# lathe_library(FOLDER [TORCH] SOURCES … [DEPENDS …])   one static library per folder, named lathe_<folder>; TORCH: its .cpp files may include torch.
# lathe_test(NAME [TORCH] SOURCES … DEPENDS …)          one GoogleTest program, one ctest entry of the same name.
# lathe_view_test(NAME SOURCES … DEPENDS …)             one Qt Test program, run on the offscreen platform.
# lathe_bench(NAME [TORCH] SOURCES … DEPENDS …)         a benchmark program: built with everything, never run as a test.

# Files that include torch share one precompiled header: 13 s a file become 3 s.
add_library(lathe_torch_pch OBJECT ${CMAKE_CURRENT_LIST_DIR}/torch_pch.cpp)
target_link_libraries(lathe_torch_pch PRIVATE lathe_compiler lathe_torch)
target_precompile_headers(lathe_torch_pch PRIVATE <torch/script.h> <ATen/ATen.h>)

function(lathe_use_torch target)
  target_link_libraries(${target} PRIVATE lathe_torch)
  target_precompile_headers(${target} REUSE_FROM lathe_torch_pch)
  # Programs would be compiled with -fPIE, and GCC only takes a precompiled header made with the same options as the file (-fPIC).
  get_target_property(type ${target} TYPE)
  if(type STREQUAL EXECUTABLE)
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${target} PRIVATE -fPIC)
  endif()
endfunction()

function(lathe_library folder)
  cmake_parse_arguments(ARG "TORCH" "" "SOURCES;DEPENDS" ${ARGN})
  string(REPLACE "/" "_" name ${folder})
  add_library(lathe_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(lathe_${name} PRIVATE lathe_compiler)
  target_link_libraries(lathe_${name} PUBLIC ${ARG_DEPENDS})
  if(ARG_TORCH)
    lathe_use_torch(lathe_${name})
  endif()
endfunction()

function(lathe_test name)
  cmake_parse_arguments(ARG "TORCH" "" "SOURCES;DEPENDS" ${ARGN})
  string(REPLACE "." "_" target test_${name})
  add_executable(${target} ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE lathe_compiler ${ARG_DEPENDS} GTest::gtest_main)
  target_compile_definitions(${target} PRIVATE LATHE_SOURCE_DIR="${CMAKE_SOURCE_DIR}" LATHE_BINARY_DIR="${CMAKE_BINARY_DIR}")
  if(ARG_TORCH)
    lathe_use_torch(${target})
  endif()
  add_test(NAME ${name} COMMAND ${target})
  set_tests_properties(${name} PROPERTIES TIMEOUT 600)
endfunction()

function(lathe_view_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  string(REPLACE "." "_" target test_${name})
  add_executable(${target} ${ARG_SOURCES})
  set_target_properties(${target} PROPERTIES AUTOMOC ON)
  target_link_libraries(${target} PRIVATE lathe_compiler ${ARG_DEPENDS} Qt6::Test)
  target_compile_definitions(${target} PRIVATE LATHE_SOURCE_DIR="${CMAKE_SOURCE_DIR}" LATHE_BINARY_DIR="${CMAKE_BINARY_DIR}")
  add_test(NAME ${name} COMMAND ${target})
  set_tests_properties(${name} PROPERTIES TIMEOUT 600 ENVIRONMENT "QT_QPA_PLATFORM=offscreen")
endfunction()

function(lathe_bench name)
  cmake_parse_arguments(ARG "TORCH" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(bench_${name} ${ARG_SOURCES})
  target_link_libraries(bench_${name} PRIVATE lathe_compiler ${ARG_DEPENDS})
  if(ARG_TORCH)
    lathe_use_torch(bench_${name})
  endif()
endfunction()
