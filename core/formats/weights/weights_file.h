#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <core/base/result.h>
#include <core/tensor/tensor.h>

namespace lathe::formats {

/// Tensors by qualified name ("conv1.weight").
using NamedTensors = std::map<std::string, tensor::Tensor>;

/// Reads what holds weights without a model: safetensors or a state dict of torch.save, told by content; the index of several such files
/// ("model.safetensors.index.json", "pytorch_model.bin.index.json"); or a folder with one index, one such file, or shards without an index.
/// Files that an index names are read from the folders of foldersOf only. Errors: NotFound; Rejected with one sentence.
[[nodiscard]] base::Result<NamedTensors> readWeightsFile(const std::filesystem::path& file);

/// What readWeightsFile may read, for who lets it: the file, and the folders of those that it names.
[[nodiscard]] std::vector<std::filesystem::path> readableForWeights(const std::filesystem::path& file);
/// How many bytes that is at most; 0 where there is nothing.
[[nodiscard]] std::uintmax_t bytesOfWeights(const std::filesystem::path& file);

} // namespace lathe::formats
