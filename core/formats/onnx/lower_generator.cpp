// Constants, ranges, and images sampled at other places.
#include <algorithm>
#include <array>
#include <cmath>

#include <core/formats/onnx/operators.h>
#include <core/formats/onnx/tensor_data.h>

namespace lathe::formats::onnx {

namespace {

void constant(Call& call) {
    const auto bindWeight = [&](tensor::Tensor data) { call.output(0, call.weight("constant", std::move(data))); };
    if (const AttributeProto* value = call.attribute("value"); value && !value->t.empty()) {
        ExternalData none{"."};
        if (value->t.front().isExternal) call.refuse("The data of a Constant node is in another file.");
        auto data = readTensor(value->t.front(), none);
        if (!data && data.error().code == base::ErrorCode::Unsupported) call.refuse("A Constant node " + data.error().message);
        if (!data) throw BrokenModel{"cannot be read: a Constant node " + data.error().message};
        return bindWeight(std::move(*data));
    }
    if (const AttributeProto* value = call.attribute("value_float")) return bindWeight(tensor::Tensor::of<float>({}, {value->f}));
    if (const AttributeProto* value = call.attribute("value_int")) return bindWeight(tensor::Tensor::of<std::int64_t>({}, {value->i}));
    if (const AttributeProto* value = call.attribute("value_floats"))
        return bindWeight(tensor::Tensor::of<float>({static_cast<std::int64_t>(value->floats.size())}, value->floats));
    if (const AttributeProto* value = call.attribute("value_ints"))
        return bindWeight(tensor::Tensor::of<std::int64_t>({static_cast<std::int64_t>(value->ints.size())}, value->ints));
    call.refuse("The Constant node holds text or a sparse tensor, which Lathe has not.");
}

void constantOfShape(Call& call) {
    tensor::Tensor value = tensor::Tensor::of<float>({1}, {0.0F});
    if (const AttributeProto* given = call.attribute("value"); given && !given->t.empty()) {
        ExternalData none{"."};
        if (given->t.front().isExternal) call.refuse("The value of ConstantOfShape is in another file.");
        auto data = readTensor(given->t.front(), none);
        if (!data || data->elementCount() != 1) call.refuse("ConstantOfShape needs one value.");
        value = std::move(*data);
    }
    std::optional<std::vector<Dim>> shape;
    if (const auto known = call.knownNumbers(0)) {
        shape.emplace();
        tensor::Shape sizes;
        for (const Operand& element : known->elements) {
            shape->push_back({element.literal<std::int64_t>().value_or(-1), ""});
            sizes.push_back(shape->back().size);
        }
        // A short list of integers is a shape that is being computed.
        const auto count = tensor::checkedElementCount(sizes);
        if (count && *count <= 64 && value.dtype() == DType::Int64)
            return call.output(
                0, call.weight("constant", tensor::Tensor::of<std::int64_t>(sizes, std::vector(static_cast<std::size_t>(*count),
                                                                                               value.values<std::int64_t>().front()))));
    }
    call.output(0, call.emit("aten::full", {call.integerList(0), scalarOf(value), dtypeNumber(value.dtype()), none(), none(), none()},
                             {value.dtype(), shape}));
}

void range(Call& call) {
    Operands bounds;
    for (std::size_t index = 0; index < 3; ++index) {
        const tensor::Tensor* data = call.constant(index);
        if (data && data->elementCount() == 1) {
            bounds.push_back(scalarOf(*data));
        } else if (const auto numbers = call.knownNumbers(index); numbers && numbers->elements.size() == 1) {
            bounds.push_back(numbers->elements.front());
        } else {
            const ValueId id = call.input(index);
            const bool isFloat = call.isFloat(id);
            bounds.emplace_back(call.emitScalar(isFloat ? "aten::Float.Tensor" : "aten::Int.Tensor", {id},
                                                isFloat ? graph::TypeKind::Float : graph::TypeKind::Int));
        }
    }
    const DType dtype = call.dtype(call.input(0)).value_or(DType::Float32);
    bounds.push_back(dtypeNumber(dtype));
    for (int rest = 0; rest < 3; ++rest)
        bounds.push_back(none());
    call.output(0, call.emit("aten::arange.start_step", std::move(bounds), {dtype, unknownDims(1)}));
}

void eyeLike(Call& call) {
    const ValueId x = call.input(0);
    DType dtype = call.dtype(x).value_or(DType::Float32);
    if (call.attribute("dtype")) {
        const auto wanted = dtypeOf(static_cast<ElementType>(call.integerAttribute("dtype", 1)));
        if (!wanted) call.refuse("Lathe has no elements of the type that EyeLike asks for.");
        dtype = *wanted;
    }
    const Known known{dtype, call.value(x).shape};
    const std::int64_t k = call.integerAttribute("k", 0);
    const ValueId ones = call.emit("aten::ones_like", {x, dtypeNumber(dtype), none(), none(), none(), none()}, known);
    call.output(0, call.emit("aten::triu", {call.emit("aten::tril", {ones, integer(k)}, known), integer(k)}, known));
}

// ---- Resize

/// Sizes or scales of the spatial dimensions. Refuses what is computed, and other dimensions than the last ones.
struct Resizing {
    std::vector<double> scales; ///< empty: sizes
    Integers sizes;             ///< empty: scales
};

Resizing readResizing(Call& call, std::size_t rank) {
    Resizing resizing;
    const bool isOld = call.node().opType == "Upsample" || call.opset() < 11;
    const std::size_t scalesAt = isOld ? 1 : 2;
    const auto toDoubles = [](const tensor::Tensor& values) {
        const tensor::Tensor wide = values.to(DType::Float64);
        const auto elements = wide.values<double>();
        return std::vector<double>(elements.begin(), elements.end());
    };
    if (const AttributeProto* scales = call.attribute("scales"); scales && isOld) {
        resizing.scales.assign(scales->floats.begin(), scales->floats.end());
    } else if (!isOld && call.has(3)) {
        resizing.sizes = call.constantIntegers(3, "sizes");
    } else {
        const tensor::Tensor* data = call.constant(scalesAt);
        if (!data) call.refuse("The scales of " + call.node().opType + " are computed while the model runs.");
        resizing.scales = toDoubles(*data);
    }
    if (const auto axes = call.integersAttribute("axes")) {
        std::vector<double> allScales(rank, 1);
        Integers allSizes(rank, -1);
        for (std::size_t index = 0; index < axes->size(); ++index) {
            const auto axis = static_cast<std::size_t>(call.axisOf((*axes)[index], call.input(0)));
            if (!resizing.scales.empty()) allScales.at(axis) = resizing.scales.at(index);
            if (!resizing.sizes.empty()) allSizes.at(axis) = resizing.sizes.at(index);
        }
        if (!resizing.scales.empty()) resizing.scales = allScales;
        if (!resizing.sizes.empty()) {
            const auto& shape = call.value(call.input(0)).shape;
            for (std::size_t axis = 0; axis < rank; ++axis)
                allSizes[axis] = allSizes[axis] < 0 && shape ? (*shape)[axis].size : allSizes[axis];
            resizing.sizes = allSizes;
        }
    }
    if (resizing.scales.size() != rank && resizing.sizes.size() != rank)
        call.refuse("Resize has not as many scales or sizes as its input has dimensions.");
    return resizing;
}

/// One sampling matrix a dimension: row o holds the weights of the input elements in output element o. Exact for every mode, as the
/// specification of Resize describes them; used where PyTorch has no operator for the mode.
struct Sampler {
    std::string mode, transformation, nearest;
    double cubic = -0.75;
    bool excludesOutside = false;
    bool antialias = false;

    double position(double out, double scale, double in, double outSize) const {
        if (transformation == "asymmetric") return out / scale;
        if (transformation == "align_corners") return outSize == 1 ? 0 : out * (in - 1) / (outSize - 1);
        if (transformation == "pytorch_half_pixel") return outSize > 1 ? (out + 0.5) / scale - 0.5 : 0;
        if (transformation == "half_pixel_symmetric") {
            const double adjustment = outSize / (scale * in);
            const double center = in / 2;
            return center * (1 - adjustment) + (out + 0.5) / scale - 0.5;
        }
        return (out + 0.5) / scale - 0.5;
    }

    double kernel(double distance) const {
        const double x = std::fabs(distance);
        if (mode == "linear") return x < 1 ? 1 - x : 0;
        if (x <= 1) return ((cubic + 2) * x - (cubic + 3)) * x * x + 1;
        if (x < 2) return ((cubic * x - 5 * cubic) * x + 8 * cubic) * x - 4 * cubic;
        return 0;
    }

    std::int64_t nearestIndex(double at) const {
        if (nearest == "floor") return static_cast<std::int64_t>(std::floor(at));
        if (nearest == "ceil") return static_cast<std::int64_t>(std::ceil(at));
        if (nearest == "round_prefer_ceil") return static_cast<std::int64_t>(std::floor(at + 0.5));
        return static_cast<std::int64_t>(std::ceil(at - 0.5));
    }

    std::vector<float> matrix(std::int64_t in, std::int64_t out, double scale) const {
        std::vector<float> rows(static_cast<std::size_t>(in * out), 0.0F);
        for (std::int64_t o = 0; o < out; ++o) {
            float* row = rows.data() + o * in;
            const double at = position(static_cast<double>(o), scale, static_cast<double>(in), static_cast<double>(out));
            if (mode == "nearest") {
                row[std::clamp<std::int64_t>(nearestIndex(at), 0, in - 1)] = 1;
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
                if (isOutside && (excludesOutside || antialias)) continue;
                const double weight = kernel((static_cast<double>(i) - at) * stretch);
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

void resize(Call& call) {
    ValueId x = call.input(0);
    const auto rank = static_cast<std::size_t>(call.needRank(x));
    const bool isOld = call.node().opType == "Upsample" || call.opset() < 11;
    Resizing resizing = readResizing(call, rank);
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
    const std::string policy = call.textAttribute("keep_aspect_ratio_policy", "stretch");
    if (sampler.transformation == "tf_crop_and_resize") call.refuse("Resize with cropping is not known.");

    const auto& from = call.value(x).shape;
    const bool leavesBatch =
        rank >= 3 && (resizing.scales.empty() ? (*from)[0].size == resizing.sizes[0] || (*from)[0].size < 0 : resizing.scales[0] == 1) &&
        (resizing.scales.empty() ? (*from)[1].size == resizing.sizes[1] : resizing.scales[1] == 1);
    const std::size_t spatial = rank - 2;
    // PyTorch's own operators, for what its exporters write.
    const bool isPlain = leavesBatch && spatial >= 1 && spatial <= 3 && policy == "stretch" && !sampler.antialias &&
                         !sampler.excludesOutside && call.isFloat(x);
    const bool isNearest = sampler.mode == "nearest" && sampler.transformation == "asymmetric" && sampler.nearest == "floor";
    const bool aligns = sampler.transformation == "align_corners";
    const bool isHalf = sampler.transformation == "half_pixel" || sampler.transformation == "pytorch_half_pixel";
    const bool isLinear = sampler.mode == "linear" && (aligns || isHalf);
    const bool isCubic = sampler.mode == "cubic" && spatial == 2 && sampler.cubic == -0.75 && (aligns || isHalf);
    if (isPlain && (isNearest || isLinear || isCubic)) {
        Integers sizes;
        std::vector<double> scales;
        std::vector<Dim> shape(from->begin(), from->begin() + 2);
        bool hasSizes = true;
        for (std::size_t axis = 2; axis < rank; ++axis) {
            const std::int64_t size =
                resizing.scales.empty() ? resizing.sizes[axis]
                : (*from)[axis].size < 0
                    ? -1
                    : static_cast<std::int64_t>(std::floor(static_cast<double>((*from)[axis].size) * resizing.scales[axis]));
            hasSizes = hasSizes && size >= 0;
            sizes.push_back(size);
            if (!resizing.scales.empty()) scales.push_back(resizing.scales[axis]);
            shape.push_back({size, ""});
        }
        static constexpr std::array<std::string_view, 3> linear{"aten::upsample_linear1d.vec", "aten::upsample_bilinear2d.vec",
                                                                "aten::upsample_trilinear3d.vec"};
        static constexpr std::array<std::string_view, 3> nearest{"aten::upsample_nearest1d.vec", "aten::upsample_nearest2d.vec",
                                                                 "aten::upsample_nearest3d.vec"};
        const std::string op(isNearest ? nearest[spatial - 1] : isCubic ? "aten::upsample_bicubic2d.vec" : linear[spatial - 1]);
        Operands operands{x, scales.empty() ? integers(sizes) : none()};
        if (!isNearest) operands.push_back(flag(aligns));
        operands.push_back(scales.empty() ? none() : Operand(Literal(scales)));
        // Half pixels of one output element are where both definitions differ, and with sizes PyTorch has its own scale.
        if (hasSizes || !scales.empty()) return call.output(0, call.emit(op, std::move(operands), {call.dtype(x), shape}));
    }

    const auto sizes = graph::staticShape(call.value(x));
    if (!sizes) call.refuse("This kind of Resize needs an input size that is known.");
    if (policy != "stretch" && !resizing.sizes.empty()) {
        double common = 0;
        const auto axes = call.integersAttribute("axes");
        for (std::size_t axis = 0; axis < rank; ++axis) {
            const bool isListed = !axes || std::ranges::any_of(*axes, [&](std::int64_t listed) {
                return call.axisOf(listed, x) == static_cast<std::int64_t>(axis);
            });
            if (!isListed || (*sizes)[axis] == 0) continue;
            const double ratio = static_cast<double>(resizing.sizes[axis]) / static_cast<double>((*sizes)[axis]);
            common = common == 0 ? ratio : policy == "not_larger" ? std::min(common, ratio) : std::max(common, ratio);
        }
        resizing.scales.assign(rank, 1);
        for (std::size_t axis = 0; axis < rank; ++axis) {
            const bool isListed = !axes || std::ranges::any_of(*axes, [&](std::int64_t listed) {
                return call.axisOf(listed, x) == static_cast<std::int64_t>(axis);
            });
            if (!isListed) continue;
            resizing.sizes[axis] = static_cast<std::int64_t>(std::floor(common * static_cast<double>((*sizes)[axis]) + 0.5));
            resizing.scales[axis] = common;
        }
    }
    const auto dtype = call.dtype(x);
    if (!call.isFloat(x)) x = call.cast(x, DType::Float32);
    for (std::size_t axis = 0; axis < rank; ++axis) {
        const std::int64_t in = (*sizes)[axis];
        const bool hasScale = !resizing.scales.empty();
        const std::int64_t out = !resizing.sizes.empty()
                                     ? resizing.sizes[axis]
                                     : static_cast<std::int64_t>(std::floor(static_cast<double>(in) * resizing.scales[axis]));
        if (in < 1 || out < 0 || in > 65536 || out > 65536 || in * out > (1 << 24))
            call.refuse("The sizes of Resize are too large for sampling matrices.");
        const double scale = hasScale ? resizing.scales[axis] : static_cast<double>(out) / static_cast<double>(in);
        if (in == out && scale == 1) continue;
        x = alongAxis(call, x, axis, sampler.matrix(in, out, scale), in, out);
    }
    call.output(0, dtype ? call.cast(x, *dtype) : x);
}

std::int64_t gridMode(Call& call) {
    const std::string mode = call.textAttribute("mode", "linear");
    if (mode == "linear" || mode == "bilinear") return 0;
    if (mode == "nearest") return 1;
    if (mode == "cubic" || mode == "bicubic") return 2;
    call.refuse("The mode \"" + mode + "\" of GridSample is not known.");
}

void gridSample(Call& call) {
    const ValueId x = call.input(0), grid = call.input(1);
    const std::string padding = call.textAttribute("padding_mode", "zeros");
    const std::int64_t outside = padding == "zeros" ? 0 : padding == "border" ? 1 : 2;
    call.output(0, call.emit("aten::grid_sampler",
                             {x, grid, integer(gridMode(call)), integer(outside), flag(call.integerAttribute("align_corners", 0) != 0)},
                             {call.dtype(x), unknownDims(static_cast<std::size_t>(call.needRank(x)))}));
}

void affineGrid(Call& call) {
    const ValueId theta = call.input(0);
    call.output(0,
                call.emit("aten::affine_grid_generator", {theta, call.integerList(1), flag(call.integerAttribute("align_corners", 0) != 0)},
                          {call.dtype(theta), std::nullopt}));
}

template<const char* Op>
void windowFunction(Call& call) {
    const Operand size = call.constant(0) ? integer(static_cast<std::int64_t>(call.constantNumber(0, "size")))
                                          : Operand(call.emitScalar("aten::Int.Tensor", {call.input(0)}, graph::TypeKind::Int));
    const auto dtype = dtypeOf(static_cast<ElementType>(call.integerAttribute("output_datatype", 1)));
    if (!dtype) call.refuse("Lathe has no elements of the type that " + call.node().opType + " asks for.");
    Operands operands{size, flag(call.integerAttribute("periodic", 1) != 0)};
    if (std::string_view(Op).ends_with("periodic_alpha_beta")) {
        operands.push_back(number(25.0 / 46));
        operands.push_back(number(21.0 / 46));
    }
    operands.push_back(dtypeNumber(*dtype));
    for (int rest = 0; rest < 3; ++rest)
        operands.push_back(none());
    call.output(0, call.emit(Op, std::move(operands), {*dtype, unknownDims(1)}));
}

constexpr char hannOp[] = "aten::hann_window.periodic";
constexpr char hammingOp[] = "aten::hamming_window.periodic_alpha_beta";
constexpr char blackmanOp[] = "aten::blackman_window.periodic";

constexpr std::array entries{
    OperatorEntry{"Constant", constant},
    OperatorEntry{"ConstantOfShape", constantOfShape},
    OperatorEntry{"Range", range},
    OperatorEntry{"EyeLike", eyeLike},
    OperatorEntry{"Resize", resize},
    OperatorEntry{"Upsample", resize},
    OperatorEntry{"GridSample", gridSample},
    OperatorEntry{"AffineGrid", affineGrid},
    OperatorEntry{"HannWindow", windowFunction<hannOp>},
    OperatorEntry{"HammingWindow", windowFunction<hammingOp>},
    OperatorEntry{"BlackmanWindow", windowFunction<blackmanOp>},
};

} // namespace

std::span<const OperatorEntry> generatorOperators() { return entries; }

} // namespace lathe::formats::onnx
