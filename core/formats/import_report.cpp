#include <core/formats/import_report.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <tuple>

#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/jit/runtime/operator.h>

#include <core/graph/layer_weight.h>
#include <core/graph/operators/call.h>
#include <core/graph/operators/operator.h>
#include <core/graph/operators/outside_operators.h>

namespace lathe::formats {

namespace {

/// What the plan runs itself, without asking TorchScript for an operator.
constexpr std::array<std::string_view, 9> structural{"prim::If",         "prim::Loop",           "prim::ListConstruct",
                                                     "prim::ListUnpack", "prim::TupleConstruct", "prim::TupleUnpack",
                                                     "prim::TupleIndex", "prim::DictConstruct",  "prim::Constant"};
/// TorchScript has operators of these names too, but they need its objects.
constexpr std::array<std::string_view, 6> objects{"prim::GetAttr",      "prim::SetAttr",      "prim::CallMethod",
                                                  "prim::CallFunction", "prim::CreateObject", "prim::fork"};

template<class Names>
bool contains(const Names& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

tl::unexpected<base::Error> unsupported(base::Message reason) { return base::failure(base::ErrorCode::Unsupported, std::move(reason)); }

c10::OperatorName operatorName(const std::string& op) {
    const auto dot = op.find('.');
    return dot == std::string::npos ? c10::OperatorName(op, "") : c10::OperatorName(op.substr(0, dot), op.substr(dot + 1));
}

/// Says that layers have integer weights, and how many.
std::optional<base::Message> noteOnQuantization(const graph::Graph& graph) {
    const graph::UseIndex uses(graph);
    int layers = 0, quantized = 0;
    graph::forEachNode(graph, [&](const graph::Node& node) {
        if (!graph::isWeighted(node.op)) return;
        ++layers;
        const auto weight = graph::weightOf(graph, uses, node);
        if (weight && weight->dequantize != nullptr) ++quantized;
    });
    if (quantized == 0) return std::nullopt;
    const char* code = layers == 1 ? "file.layerIsQuantized" : "file.layersAreQuantized";
    return base::Message(code, {{"layers", quantized}, {"all", layers}});
}

/// Says that runs differ, by whose operators.
std::optional<base::Message> noteOnChance(const graph::Graph& graph) {
    std::set<std::string> ops;
    graph::forEachNode(graph, [&](const graph::Node& node) {
        const graph::Operator* known = graph::findOperator(node.op);
        const bool isOff = known != nullptr && !known->training.empty() && !graph::mayTrain(node);
        if (graph::isRandom(node.op) && !isOff) ops.insert(node.op);
    });
    if (ops.empty()) return std::nullopt;
    std::string names;
    for (const std::string& op : ops)
        names += (names.empty() ? "" : ", ") + op;
    return base::Message("file.drawsRandomNumbers", {{"operators", names}});
}

} // namespace

std::string placeOf(const graph::SourceLocation& source) {
    return source.line > 0 ? source.file + ":" + std::to_string(source.line) : source.file;
}

base::Result<> checkOperator(const std::string& op) {
    // torchvision is not in LibTorch: what the table has of it the runtime computes.
    const bool isVision = op.starts_with("torchvision::") && graph::findOperator(op) != nullptr;
    const bool isOurs =
        isVision || op.starts_with("lathe::") || graph::isQuantize(op) || graph::isDequantize(op) || graph::choosesQparams(op);
    if (isOurs || contains(structural, op)) return {};
    if (graph::reachesOutside(op)) return unsupported({"operator.reachesOutside", {{"op", op}}});
    if (contains(objects, op)) return unsupported({"operator.usesObjects", {}});
    const c10::OperatorName name = operatorName(op);
    if (const auto found = c10::Dispatcher::singleton().findSchema(name)) {
        if (found->hasComputedKernelForDispatchKey(c10::DispatchKey::CPU)) return {};
        if (found->hasComputedKernelForDispatchKey(c10::DispatchKey::QuantizedCPU))
            return unsupported({"operator.isForQuantizedTensors", {{"op", op}}});
        return unsupported({"operator.hasNoKernel", {{"op", op}}});
    }
    // What a reader has declared for a library that is not here takes anything and computes nothing.
    const bool isBuiltIn = op.starts_with("aten::") || op.starts_with("prim::");
    if (const auto found = torch::jit::findOperatorFor(name); found && (isBuiltIn || !found->schema().is_vararg())) return {};
    return unsupported({"operator.isNotKnown", {{"op", op}}});
}

ImportReport makeReport(const graph::Graph& graph, std::string format, std::vector<ImportProblem> problems) {
    ImportReport report;
    report.format = std::move(format);
    report.problems = std::move(problems);
    std::map<std::string, OperatorCount> counts;
    std::map<std::string, std::string> reasons;
    // What the reader said about a node ("…holds weights that are already quantized") says more.
    std::set<std::tuple<std::string, std::string, std::string>> told;
    for (const ImportProblem& problem : report.problems)
        told.emplace(problem.op, problem.scope, problem.source);
    graph::forEachNode(graph, [&](const graph::Node& node) {
        const auto [entry, isNew] = counts.try_emplace(node.op, OperatorCount{node.op, 0, true});
        ++entry->second.count;
        if (isNew) {
            const auto checked = checkOperator(node.op);
            entry->second.isSupported = checked.has_value();
            if (!checked) reasons[node.op] = checked.error().message.text();
        }
        if (!entry->second.isSupported && told.emplace(node.op, node.scope, placeOf(node.source)).second)
            report.problems.push_back({node.op, node.scope, placeOf(node.source), reasons[node.op]});
    });
    for (auto& [op, count] : counts)
        report.operators.push_back(count);
    std::ranges::stable_sort(report.operators, [](const OperatorCount& a, const OperatorCount& b) { return a.count > b.count; });
    if (auto note = noteOnQuantization(graph)) report.notes.push_back(std::move(*note));
    if (auto note = noteOnChance(graph)) report.notes.push_back(std::move(*note));
    report.runs = report.problems.empty();
    return report;
}

} // namespace lathe::formats
