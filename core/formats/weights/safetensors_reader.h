#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include <core/formats/weights/weights_file.h>

namespace lathe::formats {

/// Reads a safetensors file: 8 bytes with the length of a JSON header, the header, and the elements. As the format demands, the tensors
/// cover the elements without gaps and without overlapping. They stay in `bytes`, which `owner` keeps alive. Errors are Rejected, and the
/// message continues a sentence that begins with the file's name. Source: https://github.com/huggingface/safetensors#format.
[[nodiscard]] base::Result<NamedTensors> readSafetensors(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner);

} // namespace lathe::formats
