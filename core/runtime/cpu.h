#pragma once

#include <string>

namespace lathe::runtime {

/// The CPU as its maker calls it: "AMD EPYC …"; "CPU" where the system does not say.
[[nodiscard]] std::string cpuName();
/// The widest instructions that kernels use: "AVX-512 VNNI", "AVX-512", "AVX2", "no AVX2".
[[nodiscard]] std::string cpuDetail();

} // namespace lathe::runtime
