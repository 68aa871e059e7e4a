#pragma once

#include <string>
#include <vector>

namespace lathe::formats {

/// Which weight of a file each weight of a model takes.
struct MatchedNames {
    std::vector<std::string> names; ///< of the file, for each of the model; "" where the file has none for it
    std::string note;               ///< a sentence on how they were matched where names differ; empty where all are equal
};

/// Equal names belong together. Where the file has no such name, the words that wrappers put into names are left out on both sides:
/// "module" (DataParallel), "_orig_mod" (torch.compile) and those of FSDP and DeepSpeed at any place, "model" and what all names of the
/// file or of the model begin with at the beginning. What would then be two weights of one name, or fits in two ways, is left unmatched.
[[nodiscard]] MatchedNames matchNames(const std::vector<std::string>& ofModel, const std::vector<std::string>& ofFile);

} // namespace lathe::formats
