#pragma once

#include <filesystem>

namespace lathe::formats {

/// Declares the operators that the code of a TorchScript archive calls and LibTorch has not ("ops.mylib.twice(x)"), with any operands and
/// as many tensors as their results are taken for, so that TorchScript's parser reads the rest of the model. They compute nothing: a graph
/// that has one shows it as not known. Declarations stay until the process ends. False when there is none to declare. Any thread.
[[nodiscard]] bool declareCustomOperators(const std::filesystem::path& file);

} // namespace lathe::formats
