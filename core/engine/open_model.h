#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include <core/base/job.h>
#include <core/engine/model_bytes.h>
#include <core/recipe/preprocessing.h>

namespace lathe::engine {

struct OpenOptions {
    std::filesystem::path file;
    std::filesystem::path weights = {};       ///< file whose weights take the place of the model's; empty: none
    std::string data = {};                    ///< data set whose first sample tells the shapes; empty: none are looked for
    recipe::Preprocessing preprocessing = {}; ///< of that data
    double limitSeconds = 60;                 ///< of reading the file and finding the shapes
    std::uintmax_t memoryBytes = 0;           ///< that this may take; 0: 4 GiB and four times the size of the file
};

/// Opens a model file that may come from a stranger: the file is read, and run once to find the shapes, by a process of its own that can
/// read this one file, write nothing, start nothing and reach no network (base::enterSandbox, core/decisions/0006), within limits of memory
/// and time. The caller only takes over plain values. Cancelled within 20 ms. Errors: those of formats::openModel; Rejected with a sentence
/// when the process crashed, took too long or too much memory.
[[nodiscard]] base::Result<ReadModel> openModel(const OpenOptions& options, const base::Job& job);

/// What that process does (`lathe-cli read-model`): enters the sandbox, reads the file, finds the shapes if a sample is on standard input
/// (.npy, a batch of 1), and writes the answer to descriptor 3. Errors: only those of writing the answer.
[[nodiscard]] base::Result<> readModelForParent(const OpenOptions& options);

} // namespace lathe::engine
