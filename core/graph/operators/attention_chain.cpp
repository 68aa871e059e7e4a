#include <core/graph/operators/attention_chain.h>

#include <cmath>

#include <core/graph/operators/arithmetic.h>
#include <core/graph/operators/conversion.h>
#include <core/graph/operators/integers.h>
#include <core/graph/operators/names.h>

namespace lathe::graph {

namespace {

bool isProduct(const Node& node) { return node.op == "aten::matmul" || node.op == "aten::bmm"; }

/// The right matrix of a product.
std::optional<ValueId> rightOf(const Node& product) { return Call(product).value(product.op == "aten::bmm" ? "mat2" : "other"); }

/// The node that alone reads the value, as its first operand.
const Node* onlyReader(const UseIndex& uses, ValueId value) {
    const auto& readers = uses.uses(value);
    const bool isOne = readers.size() == 1 && readers.front().node != nullptr && mainInput(*readers.front().node) == value;
    return isOne ? readers.front().node : nullptr;
}

/// A multiplication or division by one number. False: the node is something else.
bool readFactor(const Graph& graph, const Node& node, AttentionChain& chain) {
    const bool multiplies = node.op == op::mul || node.op == "aten::mul.Scalar";
    chain.divides = node.op == "aten::div.Tensor" || node.op == "aten::div.Scalar";
    if (!multiplies && !chain.divides) return false;
    const Call call(node);
    if (const auto number = call.number("other")) {
        chain.factor = chain.divides ? 1 / *number : *number;
        return true;
    }
    chain.number = call.value("other");
    const auto shape = chain.number ? staticShape(graph.value(*chain.number)) : std::nullopt;
    return shape && shape->empty() && *chain.number != mainInput(node);
}

bool isSoftmaxOfRows(const Graph& graph, const Node& node) {
    if (node.op != "aten::softmax.int" && node.op != "aten::_softmax") return false;
    const Call call(node);
    const auto dimension = call.integer("dim");
    const auto& shape = graph.value(node.results.front()).shape;
    const bool isLast = dimension && (*dimension == -1 || (shape && *dimension == static_cast<std::int64_t>(shape->size()) - 1));
    return isLast && (!call.has("dtype") || call.operand("dtype").isNone());
}

/// scaled_dot_product_attention as a chain of one node.
std::optional<AttentionChain> attentionOf(const Graph& graph, const Node& node) {
    const Call call(node);
    const auto query = call.value("query"), key = call.value("key"), value = call.value("value");
    const Operand& mask = call.operand("attn_mask");
    const bool isPlain = call.number("dropout_p") == 0.0 && call.flag("is_causal") == false && call.flag("enable_gqa") != true;
    if (!query || !key || !value || !isPlain || (!mask.isNone() && !mask.isValue())) return std::nullopt;
    AttentionChain chain;
    chain.query = *query;
    chain.key = *key;
    chain.value = *value;
    chain.isKeyTransposed = false;
    if (mask.isValue()) chain.mask = mask.value();
    const auto& shape = graph.value(*query).shape;
    const std::int64_t features = shape && !shape->empty() ? shape->back().size : -1;
    if (const auto scale = call.number("scale"))
        chain.factor = *scale;
    else if (call.operand("scale").isNone() && features > 0)
        chain.factor = 1 / std::sqrt(static_cast<double>(features));
    else
        return std::nullopt;
    chain.nodes = {&node};
    return chain;
}

} // namespace

std::optional<AttentionChain> attentionFrom(const Graph& graph, const UseIndex& uses, const Node& product) {
    if (!isProduct(product)) return std::nullopt;
    AttentionChain chain;
    const auto query = mainInput(product), key = rightOf(product);
    if (!query || !key) return std::nullopt;
    chain.query = *query;
    chain.key = *key;
    chain.nodes = {&product};
    const auto next = [&] { return onlyReader(uses, chain.nodes.back()->results.front()); };
    const Node* node = next();
    if (node != nullptr && readFactor(graph, *node, chain)) {
        chain.nodes.push_back(node);
        node = next();
    }
    if (node != nullptr && node->op == op::add) {
        const Addition addition(*node);
        if (!addition.isPlain() || !addition.right().isValue()) return std::nullopt;
        chain.mask = addition.right().value();
        chain.nodes.push_back(node);
        node = next();
    }
    if (node == nullptr || !isSoftmaxOfRows(graph, *node)) return std::nullopt;
    chain.nodes.push_back(node);
    node = next();
    if (node != nullptr && conversionDtype(*node) == tensor::DType::BFloat16) {
        chain.nodes.push_back(node);
        node = next();
        if (node == nullptr || conversionDtype(*node) != tensor::DType::Float32) return std::nullopt;
        chain.roundsWeights = true;
        chain.nodes.push_back(node);
        node = next();
    }
    const auto value = node != nullptr && isProduct(*node) ? rightOf(*node) : std::nullopt;
    if (!value) return std::nullopt;
    chain.value = *value;
    chain.nodes.push_back(node);
    return chain;
}

std::optional<AttentionChain> attentionTo(const Graph& graph, const UseIndex& uses, const Node& product) {
    if (product.op == "aten::scaled_dot_product_attention") return attentionOf(graph, product);
    if (!isProduct(product)) return std::nullopt;
    constexpr int longest = 6; // from the last product to the first
    const Node* node = &product;
    for (int steps = 0; steps < longest; ++steps) {
        const auto input = mainInput(*node);
        node = input ? uses.producer(*input) : nullptr;
        if (node == nullptr) return std::nullopt;
        if (!isProduct(*node)) continue;
        auto chain = attentionFrom(graph, uses, *node);
        return chain && chain->nodes.back() == &product ? std::move(chain) : std::nullopt;
    }
    return std::nullopt;
}

} // namespace lathe::graph
