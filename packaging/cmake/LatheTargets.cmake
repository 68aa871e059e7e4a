# lathe_library(FOLDER [TORCH [PRECOMPILED]] SOURCES … [DEPENDS …])   one static library per folder, named lathe_<folder>; TORCH: its .cpp files may
#                                                                     include torch; PRECOMPILED: most of them do.
# lathe_test(NAME [TORCH [PRECOMPILED]] SOURCES … DEPENDS …)          one GoogleTest program, one ctest entry of the same name.
# lathe_view_test(NAME SOURCES … DEPENDS …)                           one Qt Test program, run on the offscreen platform.
# lathe_bench(NAME [TORCH] SOURCES … DEPENDS …)                       a benchmark program: built with everything, never run as a test.

# Where most files include torch (formats, runtime and their tests) one precompiled header is shared: 9 s a file become 4 s. It is half a gigabyte, and
# loading it takes longer than compiling a file without torch, so folders that only touch a tensor here and there go without.
add_library(lathe_torch_pch OBJECT ${CMAKE_CURRENT_LIST_DIR}/pch.cpp)
target_link_libraries(lathe_torch_pch PRIVATE lathe_compiler lathe_torch)
target_precompile_headers(lathe_torch_pch PRIVATE <ATen/ATen.h> <torch/csrc/jit/api/module.h>)

function(lathe_use_torch target)
  cmake_parse_arguments(ARG "PRECOMPILED" "" "" ${ARGN})
  target_link_libraries(${target} PRIVATE lathe_torch)
  if(ARG_PRECOMPILED)
    target_precompile_headers(${target} REUSE_FROM lathe_torch_pch)
    # Programs would be compiled with -fPIE, and GCC only takes a precompiled header made with the same options as the file (-fPIC).
    get_target_property(type ${target} TYPE)
    if(type STREQUAL EXECUTABLE)
      set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
      target_compile_options(${target} PRIVATE -fPIC)
    endif()
  endif()
endfunction()

function(lathe_library folder)
  cmake_parse_arguments(ARG "TORCH;PRECOMPILED" "" "SOURCES;DEPENDS" ${ARGN})
  string(REPLACE "/" "_" name ${folder})
  add_library(lathe_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(lathe_${name} PRIVATE lathe_compiler)
  target_link_libraries(lathe_${name} PUBLIC ${ARG_DEPENDS})
  if(ARG_PRECOMPILED)
    lathe_use_torch(lathe_${name} PRECOMPILED)
  elseif(ARG_TORCH)
    lathe_use_torch(lathe_${name})
  endif()
endfunction()

# Test code runs once and is compiled often: -O1 takes a quarter less time (-O0 would not accept the precompiled headers).
function(lathe_compile_as_test target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

function(lathe_test name)
  cmake_parse_arguments(ARG "TORCH;PRECOMPILED" "" "SOURCES;DEPENDS" ${ARGN})
  string(REPLACE "." "_" target test_${name})
  add_executable(${target} ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE lathe_compiler ${ARG_DEPENDS} GTest::gtest_main)
  lathe_compile_as_test(${target})
  target_compile_definitions(${target} PRIVATE LATHE_SOURCE_DIR="${CMAKE_SOURCE_DIR}" LATHE_BINARY_DIR="${CMAKE_BINARY_DIR}")
  if(ARG_PRECOMPILED)
    lathe_use_torch(${target} PRECOMPILED)
  elseif(ARG_TORCH)
    lathe_use_torch(${target})
  endif()
  add_test(NAME ${name} COMMAND ${target})
  # Nothing that an earlier test trained is taken for this one's (core/engine/stage_store.h).
  set_tests_properties(${name} PROPERTIES TIMEOUT 600 ENVIRONMENT "LATHE_STAGES=off")
endfunction()

function(lathe_view_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  string(REPLACE "." "_" target test_${name})
  add_executable(${target} ${ARG_SOURCES})
  set_target_properties(${target} PROPERTIES AUTOMOC ON)
  target_link_libraries(${target} PRIVATE lathe_compiler ${ARG_DEPENDS} Qt6::Widgets Qt6::Test)
  target_precompile_headers(${target} REUSE_FROM lathe_view_test_pch)
  lathe_compile_as_test(${target})
  target_compile_definitions(${target} PRIVATE LATHE_SOURCE_DIR="${CMAKE_SOURCE_DIR}" LATHE_BINARY_DIR="${CMAKE_BINARY_DIR}")
  add_test(NAME ${name} COMMAND ${target})
  set_tests_properties(${name} PROPERTIES TIMEOUT 600 ENVIRONMENT "QT_QPA_PLATFORM=offscreen;LATHE_STAGES=off")
endfunction()

function(lathe_bench name)
  cmake_parse_arguments(ARG "TORCH;PRECOMPILED" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(bench_${name} ${ARG_SOURCES})
  target_link_libraries(bench_${name} PRIVATE lathe_compiler ${ARG_DEPENDS})
  if(ARG_PRECOMPILED)
    lathe_use_torch(bench_${name} PRECOMPILED)
  elseif(ARG_TORCH)
    lathe_use_torch(bench_${name})
  endif()
endfunction()
