#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include <core/base/result.h>
#include <core/formats/file_content.h>
#include <core/formats/model_file.h>

namespace lathe::formats {

/// Protobuf that begins as an ONNX model does.
[[nodiscard]] bool isOnnx(const FileContent& content);

/// Reads an ONNX model of opset 7 to 28 and lowers it to ATen's operators. Operators without a counterpart stay in the graph as
/// "onnx::<Name>", with a problem that says why: such a model can be seen, not run. Weights keep the names of their initializers; nodes are
/// named after PyTorch's modules where the exporter wrote them. Data in other files is read from the folders of foldersOf only. The graph
/// passes graph::verify. Errors: Rejected with one sentence.
[[nodiscard]] base::Result<ModelContent> readOnnx(const std::filesystem::path& file, std::span<const std::string> given = {});

/// The same for bytes in memory; `folder` is where other files with data would be.
[[nodiscard]] base::Result<ModelContent> readOnnx(std::string_view bytes, const std::filesystem::path& folder, const std::string& name);

} // namespace lathe::formats
