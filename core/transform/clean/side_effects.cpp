#include <core/transform/clean/side_effects.h>

#include <algorithm>
#include <array>

#include <core/transform/rewrite.h>

namespace lathe::transform {

namespace {

/// ATen operators on lists and dictionaries that change them, although their name has no underscore at the end.
constexpr std::array<std::string_view, 16> changing{"append",     "extend",  "insert",    "pop",     "remove", "clear",
                                                    "reverse",    "sort",    "update",    "Delete",  "warn",   "set_item",
                                                    "setdefault", "popitem", "resize_as", "backward"};

constexpr std::array<std::string_view, 20> harmlessPrim{
    "ListConstruct",  "TupleConstruct", "DictConstruct", "ListUnpack", "TupleUnpack", "TupleIndex", "Constant", "GetAttr", "NumToTensor",
    "unchecked_cast", "Uninitialized",  "dtype",         "device",     "min",         "max",        "is_cuda",  "If",      "Loop",
    "data",           "layout"};

constexpr std::array<std::string_view, 14> randomNames{"rand",         "randn",           "randint",       "rand_like",   "randn_like",
                                                       "randint_like", "randperm",        "bernoulli",     "multinomial", "normal",
                                                       "dropout",      "feature_dropout", "alpha_dropout", "rrelu"};

template<class Names>
bool contains(const Names& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

bool operatorHasSideEffects(std::string_view op) {
    if (op.starts_with("lathe::") || op.starts_with("quantized_decomposed::")) return false;
    if (op.starts_with("prim::")) return !contains(harmlessPrim, baseName(op));
    if (!op.starts_with("aten::")) return true;
    const std::string_view name = op.substr(0, op.find('.'));
    const bool isInPlace = name.ends_with('_') && !name.ends_with("__");
    return isInPlace || op.ends_with(".out") || op.ends_with("_out") || contains(changing, baseName(op)) || name == "aten::_set_item";
}

} // namespace

bool hasSideEffects(const graph::Node& node) {
    if (operatorHasSideEffects(node.op)) return true;
    return std::ranges::any_of(node.blocks, [](const graph::Block& block) { return std::ranges::any_of(block.nodes, hasSideEffects); });
}

bool isRandom(std::string_view op) { return contains(randomNames, baseName(op)); }

} // namespace lathe::transform
