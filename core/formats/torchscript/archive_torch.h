#pragma once

#include <string>

#include <torch/csrc/jit/api/module.h>

namespace lathe::formats {

/// The module as a TorchScript archive, small: without the map from code back to source lines, code and pickles compressed, tensors
/// uncompressed and aligned to 64 bytes so that they can be mapped. May throw what torch throws.
[[nodiscard]] std::string writeArchive(const torch::jit::Module& module);

} // namespace lathe::formats
