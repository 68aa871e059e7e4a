#pragma once

#include <map>
#include <set>
#include <string>

#include <core/base/unique_names.h>
#include <core/formats/onnx/proto.h>
#include <core/graph/graph.h>

namespace lathe::formats::onnx {

/// Where a node comes from in the PyTorch program, as exporters write it:
/// - torch.onnx.export(dynamo=True): metadata "pkg.torch.onnx.name_scopes" (a Python list of module paths, the last is the operation) and
///   "pkg.torch.onnx.stack_trace";
/// - torch.onnx.export(dynamo=False): the name "/layer1/layer1.0/conv1/Conv" → "layer1.0.conv1".
struct Origin {
    std::string modulePath; ///< "" when unknown or the model itself
    bool isFromModule = false;
    graph::SourceLocation source;
};
[[nodiscard]] Origin originOf(const NodeProto& node);

/// Names of nodes as TorchScript's are, so that a recipe fits a model in each format: the first layer with a weight and the only node of a
/// module are called as the module ("layer1.0.conv1"), others by their operator within it ("layer1.0.add"); without a module the name that
/// the node has in the file, or its operator ("relu_1").
class NodeNames {
public:
    /// Looks at all nodes first: whether a node is the only one of its module is known only then.
    void collect(const GraphProto& graph);
    [[nodiscard]] std::string take(const NodeProto& node, const Origin& origin);
    /// Of a node that is a layer with a weight. An exporter may have written it as several (MatMul and Add).
    [[nodiscard]] std::string takeLayer(const NodeProto& node, const Origin& origin);
    [[nodiscard]] std::string take(const std::string& wanted) { return m_names.take(wanted); }

private:
    base::UniqueNames m_names;
    std::map<std::string, int> m_nodesOfModule;
    std::set<std::string> m_containers;
};

} // namespace lathe::formats::onnx
