#pragma once

#include <string_view>
#include <vector>

#include <core/base/result.h>
#include <core/formats/archive/pickle.h>
#include <core/formats/archive/zip_check.h>

namespace lathe::formats {

/// Follows every pickle of an archive (data.pkl, constants.pkl, source maps) without running it, and refuses any that asks for something
/// else than tensors, plain values and, in TorchScript, classes that the archive brings the code of and the five that PyTorch packs
/// quantized weights in. Errors are Rejected, and the message continues a sentence that begins with the file's name.
[[nodiscard]] base::Result<> checkPickles(std::string_view archive, const std::vector<ZipEntry>& entries);

/// The rules for a pickle of this name ("model/data.pkl", whose tensors are in "model/data/"). `entries` must outlive them.
[[nodiscard]] PickleRules pickleRules(std::string_view name, const std::vector<ZipEntry>& entries);

} // namespace lathe::formats
