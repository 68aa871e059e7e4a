#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <core/base/result.h>
#include <core/tensor/tensor.h>

namespace lathe::data {

/// Reads every array of a NumPy .npz file (a zip of .npy entries, stored or deflated) by its name without ".npy". Files from outside are
/// safe: an entry that claims more bytes than deflate could have packed into the file is refused before memory is taken. Errors: NotFound;
/// Rejected with file and array: not a zip, damaged, an entry that is no array or of an unsupported type (see npy.h).
[[nodiscard]] base::Result<std::map<std::string, tensor::Tensor>> readNpz(const std::filesystem::path& file);

enum class NpzCompression { Stored, Deflated };

/// Writes arrays as numpy.savez (savez_compressed) does; the file is written aside and renamed. Errors: NoSpace, NotFound (no such folder),
/// Failed.
[[nodiscard]] base::Result<> writeNpz(const std::filesystem::path& file, const std::map<std::string, tensor::Tensor>& arrays,
                                      NpzCompression compression = NpzCompression::Stored);

} // namespace lathe::data
