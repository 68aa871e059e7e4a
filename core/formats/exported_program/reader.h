#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include <core/base/json.h>
#include <core/base/result.h>
#include <core/formats/exported_program/weights.h>
#include <core/formats/file_content.h>
#include <core/formats/model_file.h>

namespace lathe::formats {

/// A zip of torch.export, also of versions that are not read.
[[nodiscard]] bool isExportedProgram(const FileContent& content);

/// Reads a .pt2 archive of torch.export (PyTorch 2.9 and later), in evaluation mode, on the CPU: layers are named as readTorchScript names
/// them, and operators are those that it gives. Weights that are stored uncompressed stay in the mapped file. Nothing is unpickled and
/// nothing of the file is run. The graph passes graph::verify. Errors: Rejected with one sentence: pickled weights, compiled code (AOT
/// Inductor), several models, another major version of the schema, anything missing or contradictory.
[[nodiscard]] base::Result<ModelContent> readExportedProgram(const std::filesystem::path& file, std::span<const std::string> given = {});

/// The same for the JSON of a program whose weights are already there. May throw what torch throws.
[[nodiscard]] base::Result<ModelContent> readProgram(std::string_view json, const ExportedWeights& weights);

} // namespace lathe::formats
