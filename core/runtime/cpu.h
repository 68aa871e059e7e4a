#pragma once

#include <string>

namespace lathe::runtime {

/// The CPU as its maker calls it: "AMD EPYC …"; "CPU" where the system does not say.
[[nodiscard]] std::string cpuName();
/// The widest instructions that kernels may use: "AVX-512 VNNI, AMX", "AVX-512 VNNI", "AVX-512", "AVX2", "no AVX2".
[[nodiscard]] std::string cpuDetail();

/// Has the CPU AVX2 and FMA?
[[nodiscard]] bool cpuHasAvx2();

/// May kernels use AVX-512? Not where the CPU has none, nor where PyTorch's ATEN_CPU_CAPABILITY says "avx2" or "default": it limits Lathe's
/// own kernels as it does ATen's, so that machines without AVX-512 can be measured for.
[[nodiscard]] bool mayUseAvx512();

/// Does the CPU multiply bfloat16 itself, and may kernels use that?
[[nodiscard]] bool cpuHasBfloat16();

} // namespace lathe::runtime
