// Constants, ranges, and images sampled at the places of a grid.
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
        ExternalData none{FilesBeside({})};
        if (value->t.front().isExternal) call.refuse("The data of a Constant node is in another file.");
        auto data = readTensor(value->t.front(), none);
        if (!data && data.error().code == base::ErrorCode::Unsupported) call.refuse("A Constant node " + data.error().message.text());
        if (!data) throw BrokenModel{"cannot be read: a Constant node " + data.error().message.text()};
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
        ExternalData none{FilesBeside({})};
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
    OperatorEntry{"GridSample", gridSample},
    OperatorEntry{"AffineGrid", affineGrid},
    OperatorEntry{"HannWindow", windowFunction<hannOp>},
    OperatorEntry{"HammingWindow", windowFunction<hammingOp>},
    OperatorEntry{"BlackmanWindow", windowFunction<blackmanOp>},
};

} // namespace

std::span<const OperatorEntry> generatorOperators() { return entries; }

} // namespace lathe::formats::onnx
