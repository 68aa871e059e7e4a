#include <core/graph/separable_batch.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <core/graph/operators/call.h>
#include <core/graph/operators/list_names.h>
#include <core/graph/operators/matrix.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/shape.h>

namespace lathe::graph {

namespace {

/// How a value follows from the samples of a call.
enum class Follows {
    Not,     ///< the same for any samples: weights, constants, sizes of other dimensions
    Samples, ///< a tensor, or several, in which what belongs to each sample stands one behind the other along the first dimension
    Count,   ///< a number, the first size of such a tensor
    Sizes,   ///< all sizes of such a tensor, or others with a Count in front
};
/// Nothing: in a way that does not allow to separate them.
using MayFollow = std::optional<Follows>;

bool isOne(const Dim& dim) { return dim.size == 1 && dim.symbol.empty(); }

class Separation {
public:
    explicit Separation(const Graph& graph) : m_graph(graph), m_follows(graph.values.size(), Follows::Not) {}

    bool isPossible() {
        if (m_graph.main.inputs.empty() || m_graph.main.outputs.empty()) return false;
        for (const ValueId id : m_graph.main.inputs) {
            const auto* shape = shapeOf(id);
            if (m_graph.value(id).type != TypeKind::Tensor || !shape || shape->empty()) return false;
            if (shape->front() != shapeOf(m_graph.main.inputs.front())->front()) return false;
            m_follows[index(id)] = Follows::Samples;
        }
        m_samples = shapeOf(m_graph.main.inputs.front())->front();
        for (const Node& node : m_graph.main.nodes) {
            const MayFollow follows = ofResults(node);
            if (!follows) return false;
            for (const ValueId result : node.results)
                m_follows[index(result)] = *follows;
        }
        return std::ranges::all_of(m_graph.main.outputs, [&](const Operand& output) { return of(output) == Follows::Samples; });
    }

private:
    static std::size_t index(ValueId id) { return static_cast<std::size_t>(id); }

    const std::vector<Dim>* shapeOf(ValueId id) const {
        const auto& shape = m_graph.value(id).shape;
        return shape ? &*shape : nullptr;
    }
    /// Of weights, too.
    std::optional<std::vector<Dim>> dimsOf(const Operand& operand) const {
        if (!operand.isValue()) return std::nullopt;
        const Value& value = m_graph.value(operand.value());
        return value.kind == ValueKind::Weight ? dims(value.data.shape()) : value.shape;
    }
    /// 0: not known.
    std::size_t rankOf(const Operand& operand) const {
        const auto shape = dimsOf(operand);
        return shape ? shape->size() : 0;
    }

    MayFollow of(const Operand& operand) const {
        if (operand.isValue()) return m_follows[index(operand.value())];
        if (operand.isLiteral()) return Follows::Not;
        return ofList(std::get<std::vector<Operand>>(operand.content));
    }
    MayFollow ofList(std::span<const Operand> list) const {
        if (list.empty()) return Follows::Not;
        const auto areAll = [&](std::span<const Operand> some, Follows follows) {
            return std::ranges::all_of(some, [&](const Operand& each) { return of(each) == follows; });
        };
        for (const Follows follows : {Follows::Not, Follows::Samples})
            if (areAll(list, follows)) return follows;
        return of(list.front()) == Follows::Count && areAll(list.subspan(1), Follows::Not) ? MayFollow(Follows::Sizes) : std::nullopt;
    }
    bool areSamples(const Operand& operand) const { return of(operand) == Follows::Samples; }
    bool followsNot(const Operand& operand) const { return of(operand) == Follows::Not; }
    /// The first operand alone.
    bool isOnlyMain(const Node& node) const {
        return areSamples(mainOperand(node)) &&
               std::all_of(node.operands.begin() + 1, node.operands.end(), [&](const Operand& each) { return followsNot(each); });
    }

    MayFollow ofResults(const Node& node) const {
        if (!node.blocks.empty() || hasSideEffects(node)) return std::nullopt;
        if (isRandom(node.op) && (mayTrain(node) || findOperator(node.op)->training.empty())) return std::nullopt;
        if (std::ranges::all_of(node.operands, [&](const Operand& each) { return followsNot(each); })) return Follows::Not;
        const Call call(node);
        if (call.op() == nullptr) return std::nullopt;
        const bool staysSeparate = call.op()->channels == ChannelRule::Unknown ? keepsByName(call) : keepsByRule(call);
        return staysSeparate ? Follows::Samples : ofSizes(call);
    }

    /// Sizes, and what is made of them.
    MayFollow ofSizes(const Call& call) const {
        const Operand& main = mainOperand(call.node());
        if (call.op()->channels == ChannelRule::Measures) return ofMeasure(call);
        if (call.op()->name == op::listConstruct) return ofList(call.node().operands);
        if (call.op()->name == op::element && of(main) == Follows::Sizes) {
            const auto at = call.integer("idx");
            if (!at || *at < 0) return std::nullopt;
            return *at == 0 ? Follows::Count : Follows::Not;
        }
        return std::nullopt;
    }
    /// Of a tensor of samples.
    MayFollow ofMeasure(const Call& call) const {
        const std::size_t rank = rankOf(mainOperand(call.node()));
        if (!areSamples(mainOperand(call.node())) || rank == 0) return std::nullopt;
        if (call.op()->schema.ends_with("[]")) return Follows::Sizes;
        const auto dim = call.integer("dim");
        if (!dim) return std::nullopt;
        return isFirst(*dim, rank) ? Follows::Count : Follows::Not;
    }

    static bool isFirst(std::int64_t dim, std::size_t rank) { return dim == 0 || dim == -static_cast<std::int64_t>(rank); }
    /// Does the operator work along the first of `rank` dimensions, or is that not known?
    static bool worksAlongFirst(const Call& call, std::size_t rank) {
        if (rank == 0) return true;
        bool isTold = false;
        for (const std::string_view role : {"dim", "dims", "dim0", "dim1", "axis0", "axis1", "axis", "start_dim"}) {
            if (!call.op()->position(role)) continue;
            if (const auto one = call.integer(role)) {
                if (isFirst(*one, rank)) return true;
            } else {
                const auto several = call.integers(role);
                if (!several || several->empty()) return true;
                if (std::ranges::any_of(*several, [&](std::int64_t each) { return isFirst(each, rank); })) return true;
            }
            isTold = true;
        }
        return !isTold;
    }

    /// Tensors element by element, numbers repeated along dimensions that one has not.
    bool fitTogether(const Call& call) const {
        if (call.node().results.size() != 1) return false;
        const auto* result = shapeOf(call.node().results.front());
        if (!result || result->empty()) return false;
        return std::ranges::all_of(call.node().operands, [&](const Operand& each) { return fits(each, *result); });
    }
    bool fits(const Operand& operand, const std::vector<Dim>& result) const {
        if (!operand.isValue()) return operand.isLiteral();
        const MayFollow follows = of(operand);
        if (m_graph.value(operand.value()).type != TypeKind::Tensor) return follows == Follows::Not;
        const auto shape = dimsOf(operand);
        if (!shape) return false;
        if (follows == Follows::Samples) return shape->size() == result.size() && shape->front() == result.front();
        return follows == Follows::Not && (shape->size() < result.size() || isOne(shape->front()));
    }

    /// The first size is whatever is left, or that of samples, so that it grows with their number.
    bool isSizeOfSamples(const Operand& sizes) const {
        if (of(sizes) == Follows::Sizes) return true;
        if (const auto numbers = sizes.literal<std::vector<std::int64_t>>()) return !numbers->empty() && numbers->front() == -1;
        const auto* list = std::get_if<std::vector<Operand>>(&sizes.content);
        return list && !list->empty() && followsNot(sizes) && list->front().literal<std::int64_t>() == -1;
    }
    /// [samples * k, …] as it was written for the shapes that are known.
    bool hasWholeSamples(ValueId result) const {
        const auto* shape = shapeOf(result);
        if (!shape || shape->empty()) return false;
        if (shape->front() == m_samples) return true;
        return m_samples.symbol.empty() && m_samples.size > 0 && shape->front().symbol.empty() && shape->front().size > 0 &&
               shape->front().size % m_samples.size == 0;
    }
    bool reshapes(const Call& call) const {
        const Node& node = call.node();
        if (!areSamples(mainOperand(node)) || node.results.size() != 1 || !hasWholeSamples(node.results.front())) return false;
        for (const std::string_view role : {"size", "shape"}) {
            if (!call.op()->position(role)) continue;
            const bool hasStride = call.op()->position("stride").has_value(); // counted in the whole batch
            return !hasStride && isSizeOfSamples(call.operand(role));
        }
        if (call.op()->position("other")) return areSamples(call.operand("other"));
        if (!isOnlyMain(node)) return false;
        // flatten from the first dimension on leaves samples one behind the other
        if (call.op()->position("start_dim")) return true;
        const std::size_t rank = rankOf(mainOperand(node));
        const bool addsDimension = call.op()->name == op::unsqueeze;
        return !worksAlongFirst(call, addsDimension && rank > 0 ? rank + 1 : rank);
    }

    bool keepsByRule(const Call& call) const {
        const Node& node = call.node();
        const Operand& main = mainOperand(node);
        const std::size_t rank = rankOf(main);
        switch (call.op()->channels) {
        case ChannelRule::Keeps:
        case ChannelRule::Broadcasts:
            return fitTogether(call);
        case ChannelRule::Pools:
            return isOnlyMain(node) && rank >= 3;
        case ChannelRule::PixelShuffles:
        case ChannelRule::PixelUnshuffles:
            return isOnlyMain(node) && rank >= 4;
        case ChannelRule::KeepsOthers:
            if (const auto normalized = call.integers("normalized_shape")) return isOnlyMain(node) && normalized->size() < rank;
            return isOnlyMain(node) && !worksAlongFirst(call, rank);
        case ChannelRule::BatchNorm: // statistics of one sample's own are no others'
            return isOnlyMain(node) && rank >= 2 && (!call.op()->updatesStatistics || (!mayTrain(node) && call.value("running_mean")));
        case ChannelRule::GroupNorm:
        case ChannelRule::Slopes:
            return isOnlyMain(node) && rank >= 2;
        case ChannelRule::Reshapes:
            return reshapes(call);
        case ChannelRule::Concatenates:
        case ChannelRule::Stacks:
            return node.results.size() == 1 && areSamples(main) && shapeOf(node.results[0]) &&
                   !worksAlongFirst(call, shapeOf(node.results[0])->size());
        case ChannelRule::Slices:
            return isOnlyMain(node) && (!worksAlongFirst(call, rank) || isWhole(call));
        case ChannelRule::Splits:
        case ChannelRule::Gates:
        case ChannelRule::Reduces:
        case ChannelRule::Transposes:
            return isOnlyMain(node) && !worksAlongFirst(call, rank);
        case ChannelRule::Permutes: {
            const auto order = call.integers("dims");
            return isOnlyMain(node) && order && !order->empty() && isFirst(order->front(), rank);
        }
        case ChannelRule::Selects:
            return selects(call);
        case ChannelRule::Pads: {
            const auto padding = call.integers(call.op()->position("pad") ? "pad" : "padding");
            return isOnlyMain(node) && padding && padding->size() / 2 < rank;
        }
        case ChannelRule::Expands:
            return node.results.size() == 1 && hasWholeSamples(node.results[0]) && expands(call);
        case ChannelRule::Tiles:
            return tiles(call);
        case ChannelRule::Convolves:
            return isOnlyMain(node) && rank > 0 && rank == rankOf(call.operand("weight"));
        case ChannelRule::Multiplies:
            return isOnlyMain(node) && rank >= 2;
        case ChannelRule::Attends:
            return attends(call);
        case ChannelRule::Mixes:
            return multiplies(call);
        case ChannelRule::Recurs:
        case ChannelRule::Measures:
        case ChannelRule::Unknown:
            return false;
        }
        return false;
    }

    /// From the first to the last ("x[:]").
    static bool isWhole(const Call& slice) {
        const Operand &start = slice.operand("start"), &end = slice.operand("end");
        return slice.op()->position("end") && (start.isNone() || slice.integer("start") == 0) && slice.integer("step") == 1 &&
               (end.isNone() || slice.integer("end") == std::numeric_limits<std::int64_t>::max());
    }

    bool selects(const Call& call) const {
        const Operand& main = mainOperand(call.node());
        if (!areSamples(main)) return false;
        if (!call.op()->position("indices")) return isOnlyMain(call.node()) && !worksAlongFirst(call, rankOf(main));
        // Of other dimensions: of neighbours, since those of others stand in front.
        const auto* indices = std::get_if<std::vector<Operand>>(&call.operand("indices").content);
        if (!indices || indices->empty() || !indices->front().isNone()) return false;
        const auto isGiven = [](const Operand& each) { return !each.isNone(); };
        const auto begin = std::ranges::find_if(*indices, isGiven);
        const auto end = std::find_if_not(begin, indices->end(), isGiven);
        return std::none_of(end, indices->end(), isGiven) && std::all_of(begin, end, [&](const Operand& each) { return followsNot(each); });
    }

    bool expands(const Call& call) const {
        const Node& node = call.node();
        const Operand& sizes = call.operand("size");
        const std::size_t rank = rankOf(mainOperand(node)), wanted = shapeOf(node.results[0])->size();
        if (areSamples(mainOperand(node))) return rank == wanted && isSizeOfSamples(sizes);
        if (!followsNot(mainOperand(node)) || of(sizes) != Follows::Sizes || rank == 0) return false;
        return rank < wanted || isOne(dimsOf(mainOperand(node))->front());
    }

    bool tiles(const Call& call) const {
        const Node& node = call.node();
        const Operand& main = mainOperand(node);
        const Operand& repeats = call.operand("repeats");
        if (followsNot(main)) return of(repeats) == Follows::Sizes; // the constant once for each sample
        const auto times = repeats.literal<std::vector<std::int64_t>>();
        return areSamples(main) && times && times->size() == rankOf(main) && times->front() == 1;
    }

    bool attends(const Call& call) const {
        const std::size_t rank = rankOf(call.operand("query"));
        if (rank < 3) return false;
        for (const std::string_view role : {"query", "key", "value"})
            if (!areSamples(call.operand(role)) || rankOf(call.operand(role)) != rank) return false;
        const Operand& mask = call.operand("attn_mask");
        const auto* result = shapeOf(call.node().results.front());
        return result && (mask.isNone() || fits(mask, *result)) && call.number("dropout_p") == 0.0 &&
               followsNot(call.operand("is_causal")) && followsNot(call.operand("scale")) && followsNot(call.operand("enable_gqa"));
    }

    /// Matrices of each sample, and those that all have in common.
    bool multiplies(const Call& call) const {
        const auto roles = factorRoles(call.node());
        const auto* result = call.node().results.size() == 1 ? shapeOf(call.node().results.front()) : nullptr;
        if (!result || roles.size() != 2) return false;
        const Operand &left = call.operand(roles[0]), &right = call.operand(roles[1]);
        const std::size_t leftRank = rankOf(left), rightRank = rankOf(right), rank = result->size();
        if (areSamples(left) && areSamples(right)) return rank >= 3 && fits(left, *result) && fits(right, *result);
        if (areSamples(left)) return followsNot(right) && leftRank == rank && rightRank >= 2 && (rightRank == 2 || rightRank < rank);
        return areSamples(right) && followsNot(left) && rank >= 3 && rightRank == rank && leftRank >= 2 && leftRank < rank;
    }

    /// Operators whose treatment of channels the table does not tell.
    bool keepsByName(const Call& call) const {
        const Node& node = call.node();
        const Operand& main = mainOperand(node);
        const std::string_view op = call.op()->name;
        if (op == op::embedding) return followsNot(main) && areSamples(call.operand("indices")) && rankOf(call.operand("indices")) > 0;
        if (call.op()->family == Family::Quantization) return quantizes(call);
        if (op == op::listConstruct || op == op::tupleConstruct) return ofList(node.operands) == Follows::Samples;
        if (op == op::listUnpack || op == op::tupleUnpack || op == op::tupleIndex || op == op::element) return isOnlyMain(node);
        const bool isFilled = call.op()->position("size") == std::size_t{0}; // zeros and the like
        return isFilled && of(main) == Follows::Sizes;
    }

    /// One grid for all, one for each channel, or one for each row; not one for the whole of this very tensor.
    bool quantizes(const Call& call) const {
        const Node& node = call.node();
        if (call.op()->qdq == Qdq::ChoosesGrid)
            return node.op == op::chooseQparamsPerToken && isOnlyMain(node) && rankOf(mainOperand(node)) >= 2;
        if (!areSamples(mainOperand(node))) return false;
        if (node.op == op::quantizePerToken || node.op == op::dequantizePerToken) return fitTogether(call);
        return isOnlyMain(node) && (!call.op()->position("axis") || !worksAlongFirst(call, rankOf(mainOperand(node))));
    }

    const Graph& m_graph;
    std::vector<Follows> m_follows;
    Dim m_samples; ///< their number
};

} // namespace

bool isBatchSeparable(const Graph& graph) { return Separation(graph).isPossible(); }

} // namespace lathe::graph
