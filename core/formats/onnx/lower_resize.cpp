// Resize and Upsample: images sampled at other places, in three ways. What PyTorch's own operators mean the same by becomes one of those;
// where sizes are known, each dimension is a product with a sampling matrix; where they are computed while the model runs, the matrix is
// computed too. Places and weights are one formula for numbers that are known and for values of the graph.
#include <algorithm>
#include <array>
#include <cmath>

#include <core/formats/onnx/expression.h>
#include <core/formats/onnx/operators.h>

namespace lathe::formats::onnx {

namespace {

/// What happens to one dimension. Nothing at all when neither is given.
struct AxisChange {
    Operand size;                ///< of the result: a literal or a value of type Int
    std::optional<double> scale; ///< known now
    ValueId computedScale = -1;  ///< a number without dimensions, as Float64

    bool isNothing() const { return size.isNone() && !scale && computedScale < 0; }
};

struct Resizing {
    Integers axes;                   ///< those that the node names, in its order
    std::vector<AxisChange> changes; ///< one for each dimension of the input
    bool hasSizes = false;
};

/// The size is that of the input, also where it is a symbol.
bool isUnchanged(Call& call, ValueId x, std::size_t axis, const Operand& size) {
    const Dim& dim = call.value(x).shape->at(axis);
    if (const auto literal = size.literal<std::int64_t>()) return dim.size == *literal;
    if (!size.isValue()) return false;
    for (const graph::Node& node : call.lowering().block().nodes) {
        if (node.results.size() != 1 || node.results.front() != size.value() || node.op != "aten::size.int") continue;
        const auto from = node.operands[1].literal<std::int64_t>();
        const auto& shape = call.value(node.operands[0].value()).shape;
        if (!from || *from < 0) return false;
        const bool isSameValue = node.operands[0].value() == x && *from == static_cast<std::int64_t>(axis);
        return isSameValue || (!dim.symbol.empty() && shape && shape->at(static_cast<std::size_t>(*from)).symbol == dim.symbol);
    }
    return false;
}

Resizing readResizing(Call& call, ValueId x, std::size_t rank) {
    Resizing resizing;
    const bool isOld = call.node().opType == "Upsample" || call.opset() < 11;
    if (const auto named = call.integersAttribute("axes")) {
        for (const std::int64_t axis : *named)
            resizing.axes.push_back(call.axisOf(axis, x));
    } else {
        for (std::size_t axis = 0; axis < rank; ++axis)
            resizing.axes.push_back(static_cast<std::int64_t>(axis));
    }
    resizing.changes.resize(rank);
    const auto change = [&](std::size_t index) -> AxisChange& {
        return resizing.changes.at(static_cast<std::size_t>(resizing.axes.at(index)));
    };
    const auto expect = [&](std::size_t count) {
        if (count != resizing.axes.size()) call.refuse("Resize has not as many scales or sizes as its input has dimensions.");
    };
    if (!isOld && call.has(3)) {
        resizing.hasSizes = true;
        const Operands sizes = call.numbers(3);
        expect(sizes.size());
        for (std::size_t index = 0; index < sizes.size(); ++index) {
            if (!isUnchanged(call, x, static_cast<std::size_t>(resizing.axes[index]), sizes[index])) change(index).size = sizes[index];
        }
        return resizing;
    }
    const std::size_t scalesAt = isOld ? 1 : 2;
    const AttributeProto* attribute = isOld ? call.attribute("scales") : nullptr;
    const tensor::Tensor* data = attribute ? nullptr : call.constant(scalesAt);
    if (attribute || data) {
        std::vector<double> scales;
        if (attribute)
            scales.assign(attribute->floats.begin(), attribute->floats.end());
        else
            for (const float scale : data->toFloats())
                scales.push_back(scale);
        expect(scales.size());
        for (std::size_t index = 0; index < scales.size(); ++index) {
            if (!(scales[index] > 0 && scales[index] < 65536)) call.refuse("The scales of Resize are not all above 0.");
            if (scales[index] != 1) change(index).scale = scales[index];
        }
        return resizing;
    }
    const ValueId scales = call.cast(call.input(scalesAt), DType::Float64);
    const auto shape = graph::staticShape(call.value(scales));
    if (!shape || shape->size() != 1) call.refuse("How many scales Resize has is known only while the model runs.");
    expect(static_cast<std::size_t>(shape->front()));
    for (std::size_t index = 0; index < resizing.axes.size(); ++index)
        change(index).computedScale = call.emit("aten::select.int", {scales, integer(0), integer(static_cast<std::int64_t>(index))},
                                                {DType::Float64, std::vector<Dim>{}});
    return resizing;
}

// What Expression has, for numbers.
double where(bool condition, double a, double b) { return condition ? a : b; }
double roundedDown(double value) { return std::floor(value); }
double roundedUp(double value) { return std::ceil(value); }
Expression roundedDown(const Expression& value) { return value.apply("aten::floor"); }
Expression roundedUp(const Expression& value) { return value.apply("aten::ceil"); }

/// One sampling matrix a dimension: row o holds the weights of the input elements in output element o. Exact for every mode, as the
/// specification of Resize describes them; used where PyTorch has no operator for the mode. Real is double or Expression.
struct Sampler {
    std::string mode, transformation, nearest;
    double cubic = -0.75;
    bool excludesOutside = false;
    bool antialias = false;

    /// Where output element `out` lies in the input.
    template<class Real>
    Real position(const Real& out, const Real& scale, const Real& in, const Real& outSize) const {
        if (transformation == "asymmetric") return out / scale;
        if (transformation == "align_corners") {
            const Real width = in * scale;
            return out * (in - 1.0) / where(width == 1.0, width, width - 1.0);
        }
        const Real half = (out + 0.5) / scale - 0.5;
        if (transformation == "pytorch_half_pixel") return where(outSize == 1.0, half * 0.0, half);
        if (transformation == "half_pixel_symmetric") return (outSize / (in * scale) - 1.0) * in * -0.5 + half;
        return half;
    }

    template<class Real>
    Real kernel(const Real& distance) const {
        if (mode == "linear") return where(distance < 1.0, distance * -1.0 + 1.0, distance * 0.0);
        const Real inner = (distance * (cubic + 2) - (cubic + 3)) * distance * distance + 1.0;
        const Real outer = ((distance * cubic - 5 * cubic) * distance + 8 * cubic) * distance - 4 * cubic;
        return where(distance <= 1.0, inner, where(distance < 2.0, outer, distance * 0.0));
    }

    template<class Real>
    Real nearestPlace(const Real& at) const {
        if (nearest == "floor") return roundedDown(at);
        if (nearest == "ceil") return roundedUp(at);
        if (nearest == "round_prefer_ceil") return roundedDown(at + 0.5);
        return roundedUp(at - 0.5);
    }

    std::vector<float> matrix(std::int64_t in, std::int64_t out, double scale) const {
        std::vector<float> rows(static_cast<std::size_t>(in * out), 0.0F);
        for (std::int64_t o = 0; o < out; ++o) {
            float* row = rows.data() + o * in;
            const double at = position(static_cast<double>(o), scale, static_cast<double>(in), static_cast<double>(out));
            if (mode == "nearest") {
                row[std::clamp<std::int64_t>(static_cast<std::int64_t>(nearestPlace(at)), 0, in - 1)] = 1;
                continue;
            }
            const double stretch = antialias && scale < 1 ? scale : 1;
            const double reach = (mode == "linear" ? 1 : 2) / stretch;
            double total = 0;
            const auto first = static_cast<std::int64_t>(std::floor(at - reach)) + 1,
                       last = static_cast<std::int64_t>(std::ceil(at + reach)) - 1;
            std::vector<std::pair<std::int64_t, double>> weights;
            for (std::int64_t i = first; i <= last; ++i) {
                const bool isOutside = i < 0 || i >= in;
                if (isOutside && excludesOutside) continue;
                const double weight = kernel(std::fabs(static_cast<double>(i) - at) * stretch);
                weights.emplace_back(std::clamp<std::int64_t>(i, 0, in - 1), weight);
                total += weight;
            }
            for (const auto& [i, weight] : weights)
                row[i] += static_cast<float>(total != 0 ? weight / total : weight);
        }
        return rows;
    }
};

/// x times the matrix along one dimension.
ValueId alongAxis(Call& call, ValueId x, std::size_t axis, const std::vector<float>& matrix, std::int64_t in, std::int64_t out) {
    auto shape = *call.value(x).shape;
    shape[axis] = Dim{out, ""};
    const Known known{call.dtype(x), shape};
    const auto position = static_cast<std::int64_t>(axis);
    const ValueId weight =
        call.cast(call.weight("sampling", tensor::Tensor::of<float>({out, in}, matrix)), call.dtype(x).value_or(DType::Float32));
    const ValueId last = call.emit("aten::transpose.int", {x, integer(position), integer(-1)}, {known.dtype, std::nullopt});
    const ValueId sampled = call.emit("aten::linear", {last, weight, none()}, {known.dtype, std::nullopt});
    return call.emit("aten::transpose.int", {sampled, integer(position), integer(-1)}, known);
}

/// Where the outputs of one dimension lie in the input, computed while the model runs.
class ComputedSampling {
public:
    ComputedSampling(Call& call, const Sampler& sampler, Operand in, Expression scale, Operand out)
        : m_call(call), m_sampler(sampler), m_in(std::move(in)), m_size(Expression::real(call, m_in)), m_scale(scale),
          m_out(std::move(out)), m_place(sampler.position(index(), m_scale, m_size, Expression::real(call, m_out))) {}

    /// For tf_crop_and_resize: the part of the dimension between two shares of it, and what stands outside of the input.
    void crop(const Expression& start, const Expression& end, double outside) {
        const Expression last = m_size - 1.0, width = m_size * m_scale;
        const Expression step = (end - start) * last / where(width == 1.0, width, width - 1.0);
        const Expression middle = (end - start) * last / 2.0 + start * last;
        m_place = where(width == 1.0, middle, index() * step + start * last);
        m_isOutside = (m_place < 0.0) | (last < m_place);
        m_outside = outside;
    }

    ValueId apply(ValueId x, std::int64_t axis) const {
        Known known = m_call.known(x);
        if (known.shape) (*known.shape)[static_cast<std::size_t>(axis)] = Dim{m_out.literal<std::int64_t>().value_or(-1), ""};
        ValueId result = m_sampler.mode == "nearest" ? gathered(x, axis, m_sampler.nearestPlace(m_place), known) : weighted(x, axis, known);
        if (m_isOutside) {
            Integers view(known.shape->size(), 1);
            view[static_cast<std::size_t>(axis)] = -1;
            const ValueId mask = m_call.emit("aten::reshape", {m_isOutside->id(), integers(view)}, {DType::Bool, std::nullopt});
            result = m_call.emit("aten::masked_fill.Scalar", {result, mask, number(m_outside)}, known);
        }
        return result;
    }

private:
    Expression index() const { return Expression::arange(m_call, m_out, DType::Float64); }

    ValueId gathered(ValueId x, std::int64_t axis, const Expression& places, const Known& known) const {
        const Expression inside = places.clamp(integer(0), none());
        const ValueId cut = m_call.emit("aten::minimum", {inside.id(), (m_size - 1.0).id()}, m_call.known(inside));
        return m_call.emit("aten::index_select", {x, integer(axis), m_call.cast(cut, DType::Int64)}, known);
    }

    /// A product with the sampling matrix, in which columns on both sides stand for what lies outside: two as far as a cubic kernel
    /// reaches, more where antialiasing makes it wider.
    ValueId weighted(ValueId x, std::int64_t axis, const Known& known) const {
        const Expression margin = m_sampler.antialias ? m_size * 2.0 + 2.0 : Expression::real(m_call, integer(2));
        const Expression columns = Expression::arange(m_call, (m_size + margin * 2.0).toInt(), DType::Float64) - margin;
        Expression distance = (columns.unsqueeze(0) - m_place.unsqueeze(1)).apply("aten::abs");
        if (m_sampler.antialias) distance = distance * m_scale.clamp(none(), integer(1));
        Expression weights = m_sampler.kernel(distance);
        if (m_sampler.excludesOutside) {
            const Expression isOutside = (columns < 0.0) | (m_size - 1.0 < columns);
            weights = where(isOutside, Expression::real(m_call, integer(0)), weights);
        }
        if (m_sampler.excludesOutside || m_sampler.antialias) {
            const Expression total(m_call, m_call.emit("aten::sum.dim_IntList", {weights.id(), integers({1}), flag(true), none()},
                                                       {DType::Float64, unknownDims(2)}));
            weights = weights / where(total == 0.0, Expression::real(m_call, integer(1)), total);
        }
        const DType dtype = m_call.dtype(x).value_or(DType::Float32);
        const ValueId extended = gathered(x, axis, columns, {known.dtype, unknownDims(known.shape ? known.shape->size() : 0)});
        const ValueId last = m_call.emit("aten::transpose.int", {extended, integer(axis), integer(-1)}, {known.dtype, std::nullopt});
        const ValueId sampled = m_call.emit("aten::linear", {last, m_call.cast(weights, dtype), none()}, {known.dtype, std::nullopt});
        return m_call.emit("aten::transpose.int", {sampled, integer(axis), integer(-1)}, known);
    }

    Call& m_call;
    const Sampler& m_sampler;
    Operand m_in;
    Expression m_size, m_scale;
    Operand m_out;
    Expression m_place;
    std::optional<Expression> m_isOutside;
    double m_outside = 0;
};

/// With the policies not_larger and not_smaller one scale for all named dimensions.
void keepAspectRatio(Call& call, ValueId x, Resizing& resizing, const std::string& policy) {
    const auto shape = graph::staticShape(call.value(x));
    if (!shape) call.refuse("Resize keeps the aspect ratio of an input whose size is not known.");
    const Operands sizes = call.numbers(3);
    const char* narrower = policy == "not_larger" ? "aten::minimum" : "aten::maximum";
    std::optional<Expression> common;
    for (std::size_t index = 0; index < resizing.axes.size(); ++index) {
        const auto axis = static_cast<std::size_t>(resizing.axes[index]);
        if (shape->at(axis) < 1) call.refuse("Resize keeps the aspect ratio of an empty input.");
        const Expression ratio = Expression::real(call, sizes.at(index)) / static_cast<double>((*shape)[axis]);
        common = common ? Expression(call, call.emit(narrower, {common->id(), ratio.id()}, call.known(ratio))) : ratio;
    }
    if (!common) return;
    for (const std::int64_t axis : resizing.axes) {
        AxisChange& change = resizing.changes[static_cast<std::size_t>(axis)];
        const Expression size = (*common * static_cast<double>((*shape)[static_cast<std::size_t>(axis)]) + 0.5).apply("aten::floor");
        const tensor::Tensor *knownSize = call.constantOf(size), *knownScale = call.constantOf(*common);
        change = {};
        if (knownSize && knownScale) {
            change.size = integer(static_cast<std::int64_t>(knownSize->values<double>().front()));
            change.scale = knownScale->values<double>().front();
        } else {
            change.size = size.toInt();
            change.computedScale = *common;
        }
    }
}

/// One of PyTorch's own operators, for what its exporters write. False when none means the same.
bool resizeByPyTorch(Call& call, ValueId x, const Resizing& resizing, const Sampler& sampler) {
    const std::vector<Dim> from = *call.value(x).shape;
    const std::size_t rank = from.size();
    if (rank < 3 || rank > 5 || !call.isFloat(x) || sampler.antialias || sampler.excludesOutside) return false;
    const std::size_t spatial = rank - 2;
    const bool aligns = sampler.transformation == "align_corners";
    const bool isHalf = sampler.transformation == "half_pixel" || sampler.transformation == "pytorch_half_pixel";
    const bool isNearest = sampler.mode == "nearest" && sampler.transformation == "asymmetric" && sampler.nearest == "floor";
    const bool isLinear = sampler.mode == "linear" && (aligns || isHalf);
    const bool isCubic = sampler.mode == "cubic" && spatial == 2 && sampler.cubic == -0.75 && (aligns || isHalf);
    if (!isNearest && !isLinear && !isCubic) return false;
    if (!resizing.changes[0].isNothing() || !resizing.changes[1].isNothing()) return false;
    Operands sizes;
    std::vector<double> scales;
    std::vector<Dim> shape(from.begin(), from.begin() + 2);
    for (std::size_t axis = 2; axis < rank; ++axis) {
        const AxisChange& change = resizing.changes[axis];
        if (change.computedScale >= 0 || (!change.size.isNone() && change.scale)) return false;
        if (resizing.hasSizes) {
            sizes.push_back(change.size.isNone() ? call.size(x, static_cast<std::int64_t>(axis)) : change.size);
            shape.push_back({sizes.back().literal<std::int64_t>().value_or(-1), ""});
        } else {
            scales.push_back(change.scale.value_or(1));
            const std::int64_t in = from[axis].size;
            // Corners lie at a size with a fraction for ONNX, at the whole one for PyTorch.
            const double width = static_cast<double>(in) * scales.back();
            if (aligns && in >= 0 && width != std::floor(width)) return false;
            shape.push_back({in < 0 ? -1 : static_cast<std::int64_t>(std::floor(static_cast<double>(in) * scales.back())), ""});
        }
    }
    static constexpr std::array<std::string_view, 3> linear{"aten::upsample_linear1d.vec", "aten::upsample_bilinear2d.vec",
                                                            "aten::upsample_trilinear3d.vec"};
    static constexpr std::array<std::string_view, 3> nearest{"aten::upsample_nearest1d.vec", "aten::upsample_nearest2d.vec",
                                                             "aten::upsample_nearest3d.vec"};
    const std::string op(isNearest ? nearest[spatial - 1] : isCubic ? "aten::upsample_bicubic2d.vec" : linear[spatial - 1]);
    // One element lies at the start for ONNX, in the middle for PyTorch.
    const bool hasSingle = std::any_of(shape.begin() + 2, shape.end(), [](const Dim& dim) { return dim.size == 1; });
    if (hasSingle && sampler.transformation == "pytorch_half_pixel") return false;
    Operands operands{x, resizing.hasSizes ? integersOf(sizes) : none()};
    if (!isNearest) operands.push_back(flag(aligns));
    operands.push_back(resizing.hasSizes ? none() : Operand(Literal(scales)));
    call.output(0, call.emit(op, std::move(operands), {call.dtype(x), shape}));
    return true;
}

Sampler readSampler(const Call& call) {
    const bool isOld = call.node().opType == "Upsample" || call.opset() < 11;
    Sampler sampler;
    sampler.mode = call.textAttribute("mode", "nearest");
    if (sampler.mode == "bilinear" || sampler.mode == "trilinear") sampler.mode = "linear";
    if (sampler.mode != "nearest" && sampler.mode != "linear" && sampler.mode != "cubic")
        call.refuse("The mode \"" + sampler.mode + "\" of Resize is not known.");
    sampler.transformation = isOld ? "asymmetric" : call.textAttribute("coordinate_transformation_mode", "half_pixel");
    sampler.nearest = isOld ? "floor" : call.textAttribute("nearest_mode", "round_prefer_floor");
    sampler.cubic = call.floatAttribute("cubic_coeff_a", -0.75);
    sampler.excludesOutside = call.integerAttribute("exclude_outside", 0) != 0;
    sampler.antialias = call.integerAttribute("antialias", 0) != 0;
    return sampler;
}

void resize(Call& call) {
    ValueId x = call.input(0);
    const auto rank = static_cast<std::size_t>(call.needRank(x));
    const Sampler sampler = readSampler(call);
    const bool crops = sampler.transformation == "tf_crop_and_resize";
    Resizing resizing = readResizing(call, x, rank);
    const std::string policy = call.textAttribute("keep_aspect_ratio_policy", "stretch");
    if (policy != "stretch" && resizing.hasSizes)
        keepAspectRatio(call, x, resizing, policy);
    else if (!crops && resizeByPyTorch(call, x, resizing, sampler))
        return;

    const auto dtype = call.dtype(x);
    if (!call.isFloat(x)) x = call.cast(x, DType::Float32);
    std::optional<Expression> region;
    if (crops) region = Expression(call, call.cast(call.input(1), DType::Float64));
    for (std::size_t index = 0; index < resizing.axes.size(); ++index) {
        const std::int64_t axis = resizing.axes[index];
        const AxisChange& change = resizing.changes[static_cast<std::size_t>(axis)];
        if (change.isNothing() && !crops) continue;
        const Operand in = call.size(x, axis);
        const auto knownIn = in.literal<std::int64_t>();
        const auto knownOut = change.size.isNone() && knownIn && change.scale
                                  ? std::optional(static_cast<std::int64_t>(std::floor(static_cast<double>(*knownIn) * *change.scale)))
                                  : change.size.literal<std::int64_t>();
        const bool fitsMatrix = knownIn && knownOut && *knownIn > 0 && *knownOut >= 0 && *knownIn <= 65536 && *knownOut <= 65536 &&
                                *knownIn * *knownOut <= (1 << 24);
        if (fitsMatrix && !crops) {
            const double scale = change.scale.value_or(static_cast<double>(*knownOut) / static_cast<double>(*knownIn));
            x = alongAxis(call, x, static_cast<std::size_t>(axis), sampler.matrix(*knownIn, *knownOut, scale), *knownIn, *knownOut);
            continue;
        }
        const Expression size = Expression::real(call, in);
        Operand out = change.isNothing() ? in : change.size;
        const Expression scale = change.computedScale >= 0 ? Expression(call, change.computedScale)
                                 : change.scale            ? Expression::real(call, number(*change.scale))
                                                           : Expression::real(call, out) / size;
        if (out.isNone()) out = (size * scale).apply("aten::floor").toInt();
        ComputedSampling sampling(call, sampler, in, scale, out);
        if (region) {
            const auto at = [&](std::size_t place) {
                return Expression(call, call.emit("aten::select.int", {region->id(), integer(0), integer(static_cast<std::int64_t>(place))},
                                                  {DType::Float64, std::vector<Dim>{}}));
            };
            sampling.crop(at(index), at(index + resizing.axes.size()), call.floatAttribute("extrapolation_value", 0));
        }
        x = sampling.apply(x, axis);
    }
    call.output(0, dtype ? call.cast(x, *dtype) : x);
}

constexpr std::array entries{
    OperatorEntry{"Resize", resize},
    OperatorEntry{"Upsample", resize},
};

} // namespace

std::span<const OperatorEntry> resizeOperators() { return entries; }

} // namespace lathe::formats::onnx
