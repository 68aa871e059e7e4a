#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include <core/formats/weights/weights_file.h>

namespace lathe::formats {

/// Reads what torch.save wrote of a state dict (PyTorch 1.6 and later, a zip archive), or of a checkpoint that has one under "state_dict",
/// "model_state_dict", "model" or "module" (DeepSpeed). Nothing in the file is run: see readPickle. The tensors stay in `bytes`, which
/// `owner` keeps alive. Errors are Rejected, and the message continues a sentence that begins with the file's name.
[[nodiscard]] base::Result<NamedTensors> readStateDict(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner);

} // namespace lathe::formats
