#pragma once

#include <ATen/Parallel.h>

// Without OpenMP at::parallel_for is a plain loop, and nothing says so: a file that includes this must be in the list of parallel files in
// core/runtime/CMakeLists.txt. (Clang would need a runtime of its own beside LibTorch's; there the loop stays plain.)
#if !defined(INTRA_OP_PARALLEL) && !defined(__clang__)
#error "at::parallel_for would run on one thread: compile this file with -fopenmp"
#endif
