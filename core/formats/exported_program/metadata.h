#pragma once

#include <string>
#include <string_view>

#include <core/graph/graph.h>

namespace lathe::formats {

/// The module call that a node belongs to, from its nn_module_stack: "key,path,type" for each module, outermost first, joined by ";".
struct ModuleCall {
    std::string scope; ///< path of the innermost module ("layer1.0.relu"); "" for the model itself
    std::string key;   ///< tells two calls of one module apart ("L__self__layer1.0.relu@1"); "" for the model itself
};
[[nodiscard]] ModuleCall moduleCall(std::string_view moduleStack);

/// The innermost line of a Python stack trace that is not in PyTorch's own code.
[[nodiscard]] graph::SourceLocation sourceLine(std::string_view stackTrace);

/// "2*s0 + 1" of "Add(Mul(Integer(2), Symbol('s0', positive=True, integer=True)), Integer(1))", the text that SymPy's srepr makes of an
/// expression. What is not understood is kept as it is, cut after 200 bytes. Nothing is evaluated.
[[nodiscard]] std::string symbolText(std::string_view expression);

} // namespace lathe::formats
