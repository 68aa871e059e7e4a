#pragma once

#include <filesystem>

#include <core/base/result.h>

namespace lathe::formats {

struct FormatSpec;

/// What a file is, by its content. Models can be opened; the others are known so that the refusal can name them.
enum class ContentKind {
    Model,        ///< of a format of the table
    TorchSave,    ///< torch.save: a zip with data.pkl but without code
    NumpyArchive, ///< .npz
    Zip,          ///< any other zip
    CutOffZip,    ///< begins as a zip, but the directory at its end is missing
    Pickle,       ///< Python pickle, torch.save before 1.6
    Safetensors,
    Hdf5, ///< Keras
    TensorFlowLite,
    TorchScriptMobile, ///< flatbuffer of the mobile interpreter
    Gguf,
    Unknown,
};

struct DetectedContent {
    ContentKind kind = ContentKind::Unknown;
    const FormatSpec* format = nullptr; ///< of a model
    friend bool operator==(const DetectedContent& content, ContentKind kind) { return content.kind == kind; }
};

/// Looks at the first bytes and, of a zip, at its directory (checkZip) and pickles (checkPickles). Nothing is unpacked to disk or run.
/// Errors: NotFound; Rejected for an empty file, a folder, and archives and pickles that no model is saved to.
[[nodiscard]] base::Result<DetectedContent> detectContent(const std::filesystem::path& file);

/// Why a file of this kind is not opened, in one sentence (code Rejected). Not for those that are.
[[nodiscard]] base::Error refusal(ContentKind kind, const std::filesystem::path& file);

} // namespace lathe::formats
