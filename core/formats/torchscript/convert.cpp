#include <core/formats/torchscript/convert_torch.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include <ATen/ops/scalar_tensor.h>
#include <torch/csrc/jit/ir/alias_analysis.h>
#include <torch/csrc/jit/ir/constants.h>

#include <core/base/unique_names.h>
#include <core/formats/aten_tensor_torch.h>
#include <core/formats/import_report.h>
#include <core/formats/torchscript/flatten_torch.h>
#include <core/formats/torchscript/packed_parameters_torch.h>
#include <core/graph/state.h>

namespace lathe::formats {

namespace {

namespace jit = torch::jit;
using graph::Literal;
using graph::Operand;
using graph::TypeKind;

TypeKind kindOf(const c10::Type& type) {
    switch (type.kind()) {
    case c10::TypeKind::TensorType:
        return TypeKind::Tensor;
    case c10::TypeKind::IntType:
        return TypeKind::Int;
    case c10::TypeKind::FloatType:
        return TypeKind::Float;
    case c10::TypeKind::BoolType:
        return TypeKind::Bool;
    case c10::TypeKind::StringType:
        return TypeKind::String;
    case c10::TypeKind::NoneType:
        return TypeKind::None;
    case c10::TypeKind::TupleType:
        return TypeKind::Tuple;
    case c10::TypeKind::OptionalType:
        return TypeKind::Optional;
    case c10::TypeKind::DictType:
        return TypeKind::Dict;
    case c10::TypeKind::ClassType:
        return TypeKind::Object;
    case c10::TypeKind::ListType: {
        switch (type.expectRef<c10::ListType>().getElementType()->kind()) {
        case c10::TypeKind::IntType:
            return TypeKind::IntList;
        case c10::TypeKind::FloatType:
            return TypeKind::FloatList;
        case c10::TypeKind::BoolType:
            return TypeKind::BoolList;
        case c10::TypeKind::TensorType:
            return TypeKind::TensorList;
        default:
            return TypeKind::List;
        }
    }
    default:
        return TypeKind::Any;
    }
}

template<class T>
std::optional<Literal> listOf(const std::vector<Operand>& elements) {
    std::vector<T> list;
    for (const Operand& element : elements) {
        const auto literal = element.literal<T>();
        if (!literal) return std::nullopt;
        list.push_back(*literal);
    }
    return list;
}

/// A list of numbers or flags that are all known, as one literal.
std::optional<Literal> literalList(const std::vector<Operand>& elements, const c10::Type& listType) {
    switch (kindOf(listType)) {
    case TypeKind::IntList:
        return listOf<std::int64_t>(elements);
    case TypeKind::FloatList:
        return listOf<double>(elements);
    case TypeKind::BoolList:
        return listOf<bool>(elements);
    default:
        return std::nullopt;
    }
}

bool isInsideStorage(const at::Tensor& tensor) {
    if (tensor.numel() == 0) return true;
    std::int64_t last = tensor.storage_offset();
    for (std::int64_t axis = 0; axis < tensor.dim(); ++axis)
        last += (tensor.size(axis) - 1) * tensor.stride(axis);
    return (static_cast<std::uint64_t>(last) + 1) * tensor.element_size() <= tensor.storage().nbytes();
}

class Converter {
public:
    Converter(const jit::Module& module, const std::shared_ptr<jit::Graph>& source)
        : m_module(module), m_source(source), m_aliases(source) {}

    Converted run() {
        for (const auto& attribute : m_module.type()->getAttributes())
            m_names.insert(attribute.getName());
        for (const jit::Value* input : m_source->inputs().slice(1))
            m_result.graph.main.inputs.push_back(declare(*input, graph::ValueKind::Input));
        convertBlock(*m_source->block(), m_result.graph.main);
        const auto* tuple = m_source->outputs().empty() ? nullptr : m_source->outputs()[0]->type()->castRaw<c10::TupleType>();
        if (tuple != nullptr && tuple->schema()) {
            for (const c10::Argument& field : tuple->schema()->arguments())
                m_result.outputNames.push_back(field.name());
        }
        return std::move(m_result);
    }

private:
    graph::ValueId declare(const jit::Value& value, graph::ValueKind kind) {
        graph::Value declared;
        declared.kind = kind;
        // The JIT numbers names that it meets twice: "x.1".
        declared.name = m_names.take(value.hasDebugName() ? value.debugNameBase() : "value");
        declared.type = kindOf(*value.type());
        if (const auto tensorType = value.type()->cast<c10::TensorType>()) {
            if (tensorType->scalarType()) declared.dtype = dtypeOf(*tensorType->scalarType());
            if (const auto sizes = tensorType->sizes().concrete_sizes()) declared.shape = graph::dims(*sizes);
        }
        m_result.graph.values.push_back(std::move(declared));
        const auto id = static_cast<graph::ValueId>(m_result.graph.values.size() - 1);
        m_operands[&value] = Operand(id);
        return id;
    }

    /// Nothing for element types and layouts that the IR does not hold. Tensors of one torch storage share one of ours.
    std::optional<Operand> weight(const std::string& name, const at::Tensor& tensor, bool isParameter) {
        if (const auto known = m_weights.find(name); known != m_weights.end()) return Operand(known->second);
        if (!tensor.defined() || tensor.layout() != at::kStrided || !tensor.device().is_cpu()) return std::nullopt;
        if (tensor.is_quantized()) return quantizedWeight(name, tensor);
        const auto dtype = dtypeOf(tensor.scalar_type());
        if (!dtype || !isInsideStorage(tensor)) return std::nullopt;
        auto& storage = m_storages[tensor.storage().unsafeGetStorageImpl()];
        if (!storage) {
            const auto owner = std::make_shared<at::Tensor>(tensor.detach());
            const auto* bytes = static_cast<const std::byte*>(tensor.storage().data());
            storage = tensor::Storage::adopt({bytes, tensor.storage().nbytes()}, owner);
        }
        const auto offset = tensor.storage_offset() * static_cast<std::int64_t>(tensor::byteSize(*dtype));
        tensor::Tensor data(*dtype, tensor.sizes().vec(), tensor.strides().vec(), storage, offset);
        const auto id = m_result.graph.addWeight(name, std::move(data), isParameter);
        m_names.insert(name);
        m_weights[name] = id;
        return Operand(id);
    }

    /// Integers as a weight, with what they stand for beside it.
    std::optional<Operand> quantizedWeight(const std::string& name, const at::Tensor& tensor) {
        if (!isInsideStorage(tensor)) return std::nullopt;
        const auto parts = takeApart(tensor);
        if (!parts) return std::nullopt;
        auto value = weight(name, parts->integers, true);
        if (value) m_result.quantized.tensors[value->value()] = {parts->scales, parts->zeroPoints, parts->axis};
        return value;
    }

    /// The weight of a layer's packed parameters, with all that was packed with it: "fc.weight" of "fc._packed_params._packed_params".
    std::optional<Operand> packedWeight(std::string path, const c10::IValue& object) {
        if (const auto known = m_packed.find(path); known != m_packed.end()) return Operand(known->second);
        const auto parameters = unpackParameters(object);
        if (!parameters || !parameters->weight.defined()) return std::nullopt;
        std::string owner = path;
        for (auto dot = owner.rfind('.'); owner.substr(dot + 1) == "_packed_params"; dot = owner.rfind('.'))
            owner = owner.substr(0, dot == std::string::npos ? 0 : dot);
        const std::string prefix = owner.empty() ? "" : owner + ".";
        const auto value = weight(m_names.take(prefix + "weight"), parameters->weight.contiguous(), true);
        if (!value) return std::nullopt;
        graph::ValueId id = value->value();
        PackedLayer layer{std::nullopt,         parameters->stride, parameters->padding, parameters->outputPadding,
                          parameters->dilation, parameters->groups};
        if (parameters->bias) {
            const auto bias = weight(m_names.take(prefix + "bias"), parameters->bias->to(at::kFloat).contiguous(), true);
            if (!bias) return std::nullopt;
            layer.bias = bias->value();
        }
        m_result.quantized.layers[id] = std::move(layer);
        m_packed[std::move(path)] = id;
        return value;
    }

    void addProblem(const jit::Node& node, std::string op, std::string reason) {
        const Origin origin = originOf(node);
        m_result.problems.push_back({std::move(op), origin.scope, placeOf(origin.source), std::move(reason)});
    }

    /// Nothing for values that are neither a literal nor a list or tuple of such.
    std::optional<Operand> constant(const c10::IValue& value) {
        if (value.isNone()) return Operand(Literal{});
        if (value.isBool()) return Operand(Literal(value.toBool()));
        if (value.isInt()) return Operand(Literal(value.toInt()));
        if (value.isDouble()) return Operand(Literal(value.toDouble()));
        if (value.isString()) return Operand(Literal(value.toStringRef()));
        if (value.isDevice()) return Operand(Literal(value.toDevice().str()));
        if (value.isTensor()) return weight(m_names.take("constant"), value.toTensor(), false);
        if (!value.isList() && !value.isTuple()) return std::nullopt;
        std::vector<Operand> elements;
        for (const c10::IValue& element : value.isList() ? value.toListRef() : c10::ArrayRef<c10::IValue>(value.toTupleRef().elements())) {
            auto converted = constant(element);
            if (!converted) return std::nullopt;
            elements.push_back(std::move(*converted));
        }
        if (value.isList()) {
            if (auto list = literalList(elements, *value.type())) return Operand(std::move(*list));
        }
        return Operand(std::move(elements));
    }

    void convertBlock(const jit::Block& source, graph::Block& target) {
        for (const jit::Node* node : source.nodes())
            convertNode(*node, target);
        for (const jit::Value* output : source.outputs())
            target.outputs.push_back(operand(*output));
    }

    Operand operand(const jit::Value& value) const {
        const auto found = m_operands.find(&value);
        // Only functions and modules have no operand of their own, and nodes that take them are reported as unsupported.
        return found == m_operands.end() ? Operand(Literal("function or module")) : found->second;
    }

    void convertNode(const jit::Node& node, graph::Block& target) {
        if (node.kind() == c10::prim::Constant) {
            convertConstant(node, target);
        } else if (node.kind() == c10::prim::GetAttr) {
            convertAttribute(node, target);
        } else if (node.kind() == c10::prim::SetAttr && convertAssignment(node, target)) {
            return;
        } else if (node.kind() == c10::prim::unchecked_cast || dequantizesWeight(node)) {
            m_operands[node.output()] = operand(*node.input());
        } else if (node.kind() != c10::prim::ListConstruct || !foldList(node)) {
            convertOperator(node, target);
        }
    }

    /// A stored weight stands for its numbers wherever it is read; see lowerQuantizedOperators.
    bool dequantizesWeight(const jit::Node& node) const {
        if (node.kind() != c10::aten::dequantize || node.inputs().size() != 1) return false;
        const Operand input = operand(*node.input());
        return input.isValue() && m_result.quantized.tensors.contains(input.value());
    }

    void convertConstant(const jit::Node& node, graph::Block& target) {
        if (node.output()->type()->kind() == c10::TypeKind::FunctionType) return;
        const auto value = jit::toIValue(node.output());
        if (auto converted = value ? constant(*value) : std::nullopt) {
            m_operands[node.output()] = std::move(*converted);
            return;
        }
        if (value && value->isGenericDict() && convertDictionary(node, value->toGenericDict(), target)) return;
        addProblem(node, "prim::Constant", "A constant of type " + node.output()->type()->str() + " cannot be used.");
        append(node, target, {});
    }

    /// What is put into it at run time is put into one that is made anew in each run.
    bool convertDictionary(const jit::Node& node, const c10::impl::GenericDict& dictionary, graph::Block& target) {
        std::vector<Operand> operands;
        for (const auto& entry : dictionary) {
            auto key = constant(entry.key()), element = constant(entry.value());
            if (!key || !element) return false;
            operands.insert(operands.end(), {std::move(*key), std::move(*element)});
        }
        append(node, target, std::move(operands)).op = "prim::DictConstruct";
        return true;
    }

    void convertAttribute(const jit::Node& node, graph::Block& target) {
        const auto path = attributePath(*node.output());
        const auto type = node.output()->type()->cast<c10::ClassType>();
        if (path && type && type->is_module()) return;
        if (!path) {
            addProblem(node, "prim::GetAttr",
                       "The attribute \"" + node.s(c10::attr::name) + "\" is taken from an object made while the model runs.");
            append(node, target, {Operand(Literal(node.s(c10::attr::name)))});
            return;
        }
        const c10::IValue value = attributeAt(m_module, *path);
        if (value.isObject() && !value.isCustomClass()) return; // what is read of it has a path too
        if (value.isScalar()) {
            const char* read = value.isInt() ? "aten::Int.Tensor" : value.isDouble() ? "aten::Float.Tensor" : "aten::Bool.Tensor";
            append(node, target, {*buffer(*path, value)}).op = read;
            return;
        }
        if (value.isTensor()) {
            if (auto converted = weight(*path, value.toTensor(), isParameter(*path))) {
                m_operands[node.output()] = std::move(*converted);
                return;
            }
        }
        if (value.isCustomClass()) {
            if (auto converted = packedWeight(*path, value)) {
                m_operands[node.output()] = std::move(*converted);
                return;
            }
        }
        const bool isQuantized =
            value.isCustomClass() || (value.isTensor() && value.toTensor().defined() && value.toTensor().is_quantized());
        addProblem(node, "prim::GetAttr",
                   isQuantized ? "\"" + *path + "\" holds quantized weights of a kind that cannot be taken apart (" +
                                     node.output()->type()->str() + "); open the float model and quantize it here."
                               : "\"" + *path + "\" is of type " + node.output()->type()->str() + ", which cannot be used as a weight.");
        append(node, target, {Operand(Literal(*path))});
    }

    /// What a state begins with: a tensor, or a number that is stored as one.
    std::optional<Operand> buffer(const std::string& path, const c10::IValue& value) {
        if (value.isTensor()) return weight(path, value.toTensor(), false);
        if (!value.isScalar()) return std::nullopt;
        const at::ScalarType type = value.isInt() ? at::kLong : value.isDouble() ? at::kDouble : at::kBool;
        return weight(path, at::scalar_tensor(value.toScalar(), at::TensorOptions(type)), false);
    }

    /// What is assigned at the end of the graph is what the next call begins with.
    bool convertAssignment(const jit::Node& node, graph::Block& target) {
        const auto owner = attributePath(*node.input(0));
        if (!owner) return false;
        const std::string path = owner->empty() ? node.s(c10::attr::name) : *owner + "." + node.s(c10::attr::name);
        const auto state = buffer(path, attributeAt(m_module, path));
        if (!state) return false;
        Operand next = operand(*node.input(1));
        if (node.input(1)->type()->kind() != c10::TypeKind::TensorType) {
            const bool isFlag = node.input(1)->type()->kind() == c10::TypeKind::BoolType;
            graph::Node& made = append(node, target, {std::move(next)});
            made.op = isFlag ? "prim::NumToTensor.bool" : "prim::NumToTensor.Scalar";
            made.results = {m_result.graph.addResult(m_names.take(path + "_next"))};
            next = Operand(made.results.front());
        }
        if (!next.isValue()) return false;
        append(node, target, {*state, std::move(next)}).op = graph::keepState;
        return true;
    }

    bool isParameter(const std::string& path) const {
        const auto dot = path.rfind('.');
        const c10::IValue owner = dot == std::string::npos ? c10::IValue(m_module._ivalue()) : attributeAt(m_module, path.substr(0, dot));
        const auto type = owner.toObjectRef().type();
        const auto slot = type->findAttributeSlot(dot == std::string::npos ? path : path.substr(dot + 1));
        return slot && type->is_parameter(*slot);
    }

    /// A list that nobody changes is not computed but is an argument: of known numbers one literal, of other things a list of operands when
    /// it is only read by operators.
    bool foldList(const jit::Node& node) {
        if (m_aliases.hasWriters(node.output())) return false;
        std::vector<Operand> elements;
        for (const jit::Value* input : node.inputs())
            elements.push_back(operand(*input));
        if (auto literal = literalList(elements, *node.output()->type())) {
            m_operands[node.output()] = Operand(std::move(*literal));
            return true;
        }
        const bool isArgument = std::ranges::all_of(node.output()->uses(), [](const jit::Use& use) {
            return !use.user->kind().is_prim() && use.user->maybeSchema() != nullptr && !use.user->maybeSchema()->is_vararg();
        });
        if (isArgument) m_operands[node.output()] = Operand(std::move(elements));
        return isArgument;
    }

    graph::Node& append(const jit::Node& node, graph::Block& target, std::vector<Operand> operands) {
        const Origin origin = originOf(node);
        graph::Node added;
        const c10::FunctionSchema* schema = node.maybeSchema();
        added.op = node.kind().toQualString();
        if (schema != nullptr && !schema->overload_name().empty()) added.op += "." + schema->overload_name();
        added.name = "node" + std::to_string(m_result.calls.size());
        added.scope = origin.scope;
        added.source = origin.source;
        added.operands = std::move(operands);
        for (const jit::Value* output : node.outputs())
            added.results.push_back(declare(*output, graph::ValueKind::Result));
        m_result.calls.push_back(origin.call);
        target.nodes.push_back(std::move(added));
        return target.nodes.back();
    }

    void convertOperator(const jit::Node& node, graph::Block& target) {
        std::vector<Operand> operands;
        if (node.kind() == c10::prim::SetAttr) operands.push_back(Operand(Literal(node.s(c10::attr::name))));
        for (const jit::Value* input : node.inputs())
            operands.push_back(operand(*input));
        if (node.kind() == c10::prim::SetAttr)
            addProblem(node, "prim::SetAttr", "The model changes its own attribute \"" + node.s(c10::attr::name) + "\" while it runs.");
        graph::Node& added = append(node, target, std::move(operands));
        for (const jit::Block* inner : node.blocks()) {
            graph::Block block;
            for (const jit::Value* input : inner->inputs())
                block.inputs.push_back(declare(*input, graph::ValueKind::Input));
            convertBlock(*inner, block);
            added.blocks.push_back(std::move(block));
        }
    }

    const jit::Module& m_module;
    std::shared_ptr<jit::Graph> m_source;
    jit::AliasDb m_aliases;
    Converted m_result;
    std::unordered_map<const jit::Value*, Operand> m_operands;
    std::map<std::string, graph::ValueId> m_weights, m_packed;
    std::map<const c10::StorageImpl*, std::shared_ptr<const tensor::Storage>> m_storages;
    base::UniqueNames m_names;
};

} // namespace

Converted convert(const jit::Module& module, const std::shared_ptr<jit::Graph>& graph) { return Converter(module, graph).run(); }

} // namespace lathe::formats
