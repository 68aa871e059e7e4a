#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <core/base/result.h>
#include <core/tensor/tensor.h>

namespace lathe::formats {

/// Tensors by qualified name ("conv1.weight").
using NamedTensors = std::map<std::string, tensor::Tensor>;

/// Reads a file that holds weights without a model: safetensors, or a state dict of torch.save. Told by content. Errors: NotFound; Rejected
/// with one sentence.
[[nodiscard]] base::Result<NamedTensors> readWeightsFile(const std::filesystem::path& file);

} // namespace lathe::formats
