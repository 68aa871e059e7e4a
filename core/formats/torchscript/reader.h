#pragma once

#include <filesystem>
#include <span>
#include <string>

#include <core/base/result.h>
#include <core/formats/file_content.h>
#include <core/formats/model_file.h>

namespace lathe::formats {

/// A zip with code/ and constants.pkl.
[[nodiscard]] bool isTorchScript(const FileContent& content);

/// Reads forward of a traced or scripted model, in evaluation mode, on the CPU. The weights stay in the memory that torch loaded them into.
/// The graph passes graph::verify. Errors: Rejected with one sentence for anything that torch.jit.load refuses and for models without
/// forward.
[[nodiscard]] base::Result<ModelContent> readTorchScript(const std::filesystem::path& file, std::span<const std::string> given = {});

} // namespace lathe::formats
