#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>

#include <core/base/result.h>
#include <core/formats/torchscript/state_torch.h>
#include <core/graph/graph.h>

namespace lathe::formats {

/// Where a node of a flattened graph comes from. `call` numbers the calls that were inlined, so that two calls of one module can be told
/// apart.
struct Origin {
    std::string scope; ///< module path "layer1.0.conv1", "" for the model itself
    int call = 0;
    graph::SourceLocation source;
};
[[nodiscard]] Origin originOf(const torch::jit::Node& node);

/// The path of the attribute that a chain of prim::GetAttr (and casts) from the model's self leads to ("layer1.0.conv1.weight"); nothing
/// for other values.
[[nodiscard]] std::optional<std::string> attributePath(const torch::jit::Value& value);
/// The attribute at such a path.
[[nodiscard]] c10::IValue attributeAt(const torch::jit::Module& module, const std::string& path);

struct FlatGraph {
    std::shared_ptr<torch::jit::Graph> graph;
    AssignedState state; ///< attributes that the model assigns while it runs
};

/// A copy of forward's graph in evaluation mode: all calls inlined, arguments with a default fixed to it (but for tensors that `given`
/// names), attributes that are no tensors replaced by their values, conditions and tuples that are thereby known resolved, checks that only
/// raise exceptions removed, and in-place operators made pure where nobody can tell the difference. Nothing of the model runs but
/// arithmetic on constant numbers. Rejected for a model without forward or one that inlines to an absurd size. May throw what torch throws.
[[nodiscard]] base::Result<FlatGraph> flatten(torch::jit::Module module, std::span<const std::string> given = {});

} // namespace lathe::formats
