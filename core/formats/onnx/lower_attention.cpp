// Attention over several heads, and the rotation that gives queries and keys their position.
#include <array>
#include <cmath>
#include <limits>

#include <core/formats/onnx/expression.h>
#include <core/formats/onnx/operators.h>
#include <core/formats/onnx/tensor_data.h>

namespace lathe::formats::onnx {

namespace {

constexpr double lowest = -std::numeric_limits<double>::infinity();

Dim dimOf(const Call& call, ValueId id, std::size_t axis) {
    const auto& shape = call.value(id).shape;
    return shape && axis < shape->size() ? (*shape)[axis] : Dim{};
}

ValueId swapped(Call& call, ValueId x, std::int64_t a, std::int64_t b) {
    Known known = call.known(x);
    if (known.shape) {
        const auto rank = static_cast<std::int64_t>(known.shape->size());
        std::swap((*known.shape)[static_cast<std::size_t>(a < 0 ? a + rank : a)],
                  (*known.shape)[static_cast<std::size_t>(b < 0 ? b + rank : b)]);
    }
    return call.emit("aten::transpose.int", {x, integer(a), integer(b)}, std::move(known));
}

/// [batch, length, heads · size] as [batch, length, heads, size].
ValueId splitHeads(Call& call, ValueId x, std::int64_t heads) {
    if (heads < 1) call.refuse("The operator " + call.node().opType + " does not say how many heads its input has.");
    const Dim features = dimOf(call, x, 2);
    if (features.size >= 0 && features.size % heads != 0)
        call.refuse("The features of " + call.node().opType + " cannot be divided among its heads.");
    const std::vector<Dim> shape{dimOf(call, x, 0), dimOf(call, x, 1), Dim{heads, ""},
                                 Dim{features.size < 0 ? -1 : features.size / heads, ""}};
    return call.emit("aten::reshape", {x, integersOf({call.size(x, 0), call.size(x, 1), integer(heads), integer(-1)})},
                     {call.dtype(x), shape});
}

ValueId joinHeads(Call& call, ValueId x) {
    const Dim heads = dimOf(call, x, 2), size = dimOf(call, x, 3);
    const std::vector<Dim> shape{dimOf(call, x, 0), dimOf(call, x, 1),
                                 Dim{heads.size < 0 || size.size < 0 ? -1 : heads.size * size.size, ""}};
    return call.emit("aten::flatten.using_ints", {x, integer(2), integer(3)}, {call.dtype(x), shape});
}

/// The cache of earlier keys or values with the new ones behind it.
ValueId extended(Call& call, std::size_t past, ValueId x) {
    if (!call.has(past)) return x;
    auto shape = call.value(x).shape;
    const Dim before = dimOf(call, call.input(past), 2), added = dimOf(call, x, 2);
    if (shape) shape->at(2) = before.size < 0 || added.size < 0 ? Dim{} : Dim{before.size + added.size, ""};
    return call.emit("aten::cat", {Operand(Operands{call.input(past), x}), integer(2)}, {call.dtype(x), shape});
}

/// What is added to the scores before the softmax: 0 where a query sees a key, -∞ where not. The inputs of Attention are Q, K, V,
/// attn_mask, past_key, past_value, nonpad_kv_seqlen.
class Bias {
public:
    Bias(Call& call, DType dtype, ValueId q, ValueId k)
        : m_call(call), m_dtype(dtype), m_queries(call.size(q, 2)), m_keys(call.size(k, 2)), m_keyCount(dimOf(call, k, 2)) {}

    std::optional<Expression> build() {
        if (m_call.has(3)) add(mask());
        const bool isCausal = m_call.integerAttribute("is_causal", 0) != 0;
        const std::int64_t left = m_call.integerAttribute("left_window_size", -1), right = m_call.integerAttribute("right_window_size", -1);
        if (isCausal || left >= 0 || right >= 0) {
            const Expression ahead = keysAhead();
            if (isCausal) add(whereTrue(ahead <= 0.0));
            if (left >= 0) add(whereTrue(ahead * -1.0 <= static_cast<double>(left)));
            if (right >= 0) add(whereTrue(ahead <= static_cast<double>(right)));
        }
        if (m_call.has(6)) add(whereTrue(Expression::arange(m_call, m_keys, DType::Int64) < perBatch()));
        return m_bias;
    }

    /// The mask alone, as long as there are keys; booleans stay what they are.
    ValueId mask() {
        const ValueId given = m_call.input(3);
        const auto& shape = m_call.value(given).shape;
        const Dim length = shape && !shape->empty() ? shape->back() : Dim{};
        const bool fits = length.size >= 0 && m_keyCount.size >= 0 ? length.size == m_keyCount.size
                                                                   : !length.symbol.empty() && length.symbol == m_keyCount.symbol;
        if (fits) return given;
        // A shorter one hides the keys that it does not reach.
        const Operand missing = m_call.difference(m_keys, m_call.size(given, -1));
        const Operand fill = m_call.dtype(given) == DType::Bool ? flag(false) : number(lowest);
        Known known = m_call.known(given);
        if (known.shape) known.shape->back() = m_keyCount;
        return m_call.emit("aten::constant_pad_nd", {given, integersOf({integer(0), missing}), fill}, known);
    }

private:
    /// By how many places key j lies behind query i: [queries, keys], or [batch, 1, queries, keys] where the batch has lengths of its own.
    Expression keysAhead() {
        const Expression i = Expression::arange(m_call, m_queries, DType::Int64).unsqueeze(1);
        const Expression j = Expression::arange(m_call, m_keys, DType::Int64).unsqueeze(0);
        const auto whole = [this](const Operand& value) { return Expression::scalar(m_call, value, DType::Int64); };
        if (m_call.has(6)) return j - i - (perBatch() - whole(m_queries));
        if (m_call.has(4)) return j - i - whole(m_call.size(m_call.input(4), 2));
        return j - i;
    }

    /// How many keys of each sample count: [batch, 1, 1, 1].
    Expression perBatch() { return {m_call, m_call.reshape(m_call.input(6), {-1, 1, 1, 1})}; }

    Expression scalar(double value) { return Expression::scalar(m_call, number(value), m_dtype); }
    Expression whereTrue(const Expression& condition) { return where(condition, scalar(0), scalar(lowest)); }

    void add(const Expression& part) {
        const Expression bias = m_call.dtype(part) == DType::Bool ? whereTrue(part) : part;
        m_bias = m_bias ? *m_bias + bias : bias;
    }
    void add(ValueId part) { add(Expression(m_call, part)); }

    Call& m_call;
    DType m_dtype;
    Operand m_queries, m_keys;
    Dim m_keyCount;
    std::optional<Expression> m_bias;
};

void attention(Call& call) {
    ValueId q = call.input(0), k = call.input(1), v = call.input(2);
    const bool isFlat = call.needRank(q) == 3;
    if (isFlat) {
        const std::int64_t heads = call.integerAttribute("q_num_heads", 0), keyHeads = call.integerAttribute("kv_num_heads", 0);
        q = swapped(call, splitHeads(call, q, heads), 1, 2);
        k = swapped(call, splitHeads(call, k, keyHeads), 1, 2);
        v = swapped(call, splitHeads(call, v, keyHeads), 1, 2);
    }
    k = extended(call, 4, k);
    v = extended(call, 5, v);
    call.output(1, k);
    call.output(2, v);

    const DType dtype = call.dtype(q).value_or(DType::Float32);
    const Dim heads = dimOf(call, q, 1), keyHeads = dimOf(call, k, 1), size = dimOf(call, q, 3);
    if (heads.size < 1 || keyHeads.size < 1 || heads.size % keyHeads.size != 0)
        call.refuse("How many heads Attention has is not known, or those of the queries are no multiple of those of the keys.");
    const Known result{dtype, std::vector<Dim>{dimOf(call, q, 0), heads, dimOf(call, q, 2), dimOf(call, v, 3)}};
    const auto finish = [&](ValueId y) { call.output(0, isFlat ? joinHeads(call, swapped(call, y, 1, 2)) : y); };

    const bool isCausal = call.integerAttribute("is_causal", 0) != 0;
    const bool hasWindow = call.integerAttribute("left_window_size", -1) >= 0 || call.integerAttribute("right_window_size", -1) >= 0;
    const double softcap = call.floatAttribute("softcap", 0);
    const AttributeProto* scale = call.attribute("scale");
    Bias bias(call, dtype, q, k);
    if (softcap == 0 && !call.has(6) && !hasWindow && !call.wantsOutput(3) && !(isCausal && (call.has(3) || call.has(4))) &&
        !call.attribute("softmax_precision")) {
        const Operand mask = call.has(3) ? Operand(bias.mask()) : none();
        return finish(call.emit("aten::scaled_dot_product_attention",
                                {q, k, v, mask, number(0), flag(isCausal), scale ? number(static_cast<double>(scale->f)) : none(),
                                 flag(heads.size != keyHeads.size)},
                                result));
    }

    if (!scale && size.size < 1) call.refuse("The scale of Attention depends on a size that is not known.");
    // Half of it on each side keeps products of 16-bit floats small.
    const double root = std::sqrt(scale ? static_cast<double>(scale->f) : 1 / std::sqrt(static_cast<double>(size.size)));
    if (heads.size != keyHeads.size) {
        for (ValueId* one : {&k, &v}) {
            Known known = call.known(*one);
            (*known.shape)[1] = heads;
            *one = call.emit("aten::repeat_interleave.self_int", {*one, integer(heads.size / keyHeads.size), integer(1), none()}, known);
        }
    }
    const Known scoreShape{dtype, std::vector<Dim>{dimOf(call, q, 0), heads, dimOf(call, q, 2), dimOf(call, k, 2)}};
    const Expression left = Expression(call, q) * root;
    const ValueId right = swapped(call, Expression(call, k) * root, -2, -1);
    Expression scores(call, call.emit("aten::matmul", {left.id(), right}, scoreShape));
    const std::int64_t mode = call.integerAttribute("qk_matmul_output_mode", 0);
    if (mode == 0) call.output(3, scores);
    if (softcap > 0) scores = (scores / softcap).apply("aten::tanh") * softcap;
    if (mode == 1) call.output(3, scores);
    const auto added = bias.build();
    if (added) scores = scores + *added;
    if (mode == 2) call.output(3, scores);
    const auto precision = dtypeOf(static_cast<ElementType>(call.integerAttribute("softmax_precision", 0)));
    if (precision) scores = scores.cast(*precision);
    Expression weights(call, call.emit("aten::softmax.int", {scores.id(), integer(-1), none()}, call.known(scores)));
    weights = weights.cast(dtype);
    if (added) {
        // A query that sees no key at all has the result 0.
        auto rowShape = call.value(*added).shape;
        if (rowShape && !rowShape->empty()) rowShape->back() = Dim{1, ""};
        const Expression best(call, call.emit("aten::amax", {added->id(), integers({-1}), flag(true)}, {dtype, rowShape}));
        const Expression zero = Expression::scalar(call, number(0), dtype);
        weights = where(best == lowest, zero, weights);
    }
    if (mode == 3) call.output(3, weights);
    finish(call.emit("aten::matmul", {weights.id(), v}, result));
}

/// Part of the last dimension.
Expression lastSlice(Call& call, ValueId x, std::int64_t start, std::int64_t end, std::int64_t step) {
    Known known = call.known(x);
    if (known.shape) known.shape->back() = Dim{(end - start + step - 1) / step, ""};
    return {call, call.emit("aten::slice.Tensor", {x, integer(-1), integer(start), integer(end), integer(step)}, std::move(known))};
}

void rotaryEmbedding(Call& call) {
    ValueId x = call.input(0);
    const bool isFlat = call.needRank(x) == 3;
    if (isFlat) x = splitHeads(call, x, call.integerAttribute("num_heads", 0));
    const std::int64_t size = dimOf(call, x, 3).size;
    if (size < 1) call.refuse("The size of a head of RotaryEmbedding is not known.");
    const std::int64_t given = call.integerAttribute("rotary_embedding_dim", 0), rotated = given == 0 ? size : given;
    if (rotated < 2 || rotated > size || rotated % 2 != 0)
        call.refuse("RotaryEmbedding cannot rotate " + std::to_string(rotated) + " of a head's elements.");
    const auto cache = [&](std::size_t index) {
        ValueId values = call.input(index);
        if (call.has(3)) values = call.emit("aten::embedding", {values, call.input(3)}, {call.dtype(values), unknownDims(3)});
        // One more dimension where the heads are.
        return Expression(call, values).unsqueeze(isFlat ? 2 : 1);
    };
    const Expression cosine = cache(1), sine = cache(2);
    const ValueId turning = rotated == size ? x : lastSlice(call, x, 0, rotated, 1).id();
    const bool isInterleaved = call.integerAttribute("interleaved", 0) != 0;
    const Expression a = isInterleaved ? lastSlice(call, turning, 0, rotated, 2) : lastSlice(call, turning, 0, rotated / 2, 1);
    const Expression b = isInterleaved ? lastSlice(call, turning, 1, rotated, 2) : lastSlice(call, turning, rotated / 2, rotated, 1);
    const Expression real = a * cosine - b * sine, imaginary = a * sine + b * cosine;
    const Known known = call.known(turning);
    ValueId result;
    if (isInterleaved) {
        const ValueId pairs =
            call.emit("aten::stack", {Operand(Operands{real.id(), imaginary.id()}), integer(-1)}, {known.dtype, unknownDims(5)});
        result = call.emit("aten::flatten.using_ints", {pairs, integer(3), integer(4)}, known);
    } else {
        result = call.emit("aten::cat", {Operand(Operands{real.id(), imaginary.id()}), integer(-1)}, known);
    }
    if (rotated != size) {
        const ValueId rest = lastSlice(call, x, rotated, size, 1);
        result = call.emit("aten::cat", {Operand(Operands{result, rest}), integer(-1)}, call.known(x));
    }
    call.output(0, isFlat ? joinHeads(call, result) : result);
}

constexpr std::array entries{
    OperatorEntry{"Attention", attention},
    OperatorEntry{"RotaryEmbedding", rotaryEmbedding},
};

} // namespace

std::span<const OperatorEntry> attentionOperators() { return entries; }

} // namespace lathe::formats::onnx
