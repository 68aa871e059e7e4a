#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <core/data/in_memory_dataset.h>

namespace lathe::data {

/// Opens a folder as MNIST and its relatives are published: `train-images*`, `train-labels*`, `t10k-images*` or `test-images*`,
/// `t10k-labels*` or `test-labels*`, plain or gzip IDX. One of the two splits is enough; labels may be missing. Images [N, height, width]
/// of bytes become float32 [N, 1, height, width] / 255, with `padding` black pixels on each side. Without a padding, images of 28x28 get 2
/// on each side, because LeNet-5 and its relatives take 32x32, and all others none. Errors: NotFound (no such folder, no images in it);
/// Rejected as readIdx and InMemoryDataset::create.
[[nodiscard]] base::Result<std::shared_ptr<const Dataset>> openIdxFolder(const std::filesystem::path& folder, const std::string& name,
                                                                         std::vector<std::string> classes = {},
                                                                         std::optional<std::int64_t> padding = std::nullopt);

} // namespace lathe::data
