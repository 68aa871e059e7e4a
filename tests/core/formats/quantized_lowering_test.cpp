#include <core/formats/quantized_lowering.h>

#include <algorithm>
#include <set>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/data/npz.h>
#include <core/formats/import_report.h>
#include <core/formats/model_file.h>
#include <core/formats/torchscript/reader.h>
#include <core/runtime/plan_torch.h>
#include <tests/core/formats/qdq_builder.h>
#include <tests/core/formats/reference_torch.h>

namespace lathe::formats {
namespace {

namespace fs = std::filesystem;
namespace op = graph::op;
using graph::Graph;
using graph::Node;
using support::number;

fs::path fixture(const std::string& name) { return fs::path(LATHE_SOURCE_DIR) / "tests/data/quantized" / name; }

OpenedModel open(const fs::path& file) {
    auto model = openModel(file);
    EXPECT_TRUE(model) << model.error().text();
    return model ? std::move(*model) : OpenedModel{};
}

std::multiset<std::string> ops(const Graph& graph) {
    std::multiset<std::string> result;
    graph::forEachNode(graph, [&](const Node& node) { result.insert(node.op); });
    return result;
}

void flatten(const c10::IValue& value, std::vector<at::Tensor>& tensors) {
    if (value.isTensor()) return tensors.push_back(value.toTensor());
    for (const c10::IValue& element : value.isTuple() ? value.toTupleRef().elements().vec() : value.toListRef().vec())
        flatten(element, tensors);
}

std::vector<at::Tensor> run(const Graph& graph, const at::Tensor& input, runtime::QuantizationMode mode = runtime::QuantizationMode::Real) {
    runtime::PlanOptions options;
    options.quantization = mode;
    auto plan = runtime::Plan::compile(graph, options);
    EXPECT_TRUE(plan) << plan.error().text() << graph::text(graph);
    if (!plan) return {};
    const std::vector<c10::IValue> inputs{input};
    const auto outputs = plan->run(inputs);
    EXPECT_TRUE(outputs) << outputs.error().text() << graph::text(graph);
    std::vector<at::Tensor> tensors;
    for (const c10::IValue& output : outputs ? *outputs : std::vector<c10::IValue>{})
        flatten(output, tensors);
    return tensors;
}

std::multiset<std::string> kernels(const Graph& graph) {
    auto plan = runtime::Plan::compile(graph, {});
    EXPECT_TRUE(plan) << plan.error().text();
    std::multiset<std::string> names;
    if (!plan) return names;
    for (const runtime::InstructionInfo& instruction : plan->instructions())
        names.insert(instruction.kernel.find("int8") != std::string::npos && instruction.isReal ? "int8 " + instruction.op
                                                                                                : instruction.kernel);
    return names;
}

// What PyTorch quantized

class QuantizedByPyTorch : public testing::TestWithParam<const char*> {};

TEST_P(QuantizedByPyTorch, ComputesTheSameWithinOneStep) {
    const std::string name = GetParam();
    const OpenedModel model = open(fixture(name + ".pt"));
    EXPECT_TRUE(model.report.runs);
    for (const ImportProblem& problem : model.report.problems)
        ADD_FAILURE() << problem.op << ": " << problem.reason;
    for (const std::string& op : ops(model.graph))
        EXPECT_FALSE(op.starts_with("quantized::") || op.starts_with("aten::quantize") || op.starts_with("aten::dequantize")) << op;
    const auto arrays = data::readNpz(fixture(name + ".npz"));
    ASSERT_TRUE(arrays) << arrays.error().text();
    for (const auto mode : {runtime::QuantizationMode::Real, runtime::QuantizationMode::Simulated}) {
        const auto outputs = run(model.graph, runtime::toAten(arrays->at("input0")).clone(), mode);
        ASSERT_EQ(arrays->size(), 1 + 2 * outputs.size());
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            const at::Tensor expected = runtime::toAten(arrays->at("output" + std::to_string(i)));
            const double step = arrays->at("step" + std::to_string(i)).toFloats().front();
            ASSERT_EQ(expected.sizes(), outputs[i].sizes()) << name << " output " << i;
            const at::Tensor difference = (expected - outputs[i]).abs();
            EXPECT_LE(difference.max().item<double>(), 1.001 * step + 1e-3) << name << " output " << i;
            if (step > 0) {
                // Numbers in the middle between two steps may go either way, but most may not. Which ones depends on the order of sums, so
                // on the CPU.
                EXPECT_LE(difference.gt(0.01 * step).to(at::kFloat).mean().item<double>(), 0.5)
                    << name << " output " << i << (mode == runtime::QuantizationMode::Real ? " with integer kernels" : " simulated");
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(QuantizedLowering, QuantizedByPyTorch,
                         testing::Values("static_scripted", "static_traced", "dynamic", "dynamic_half", "functional", "operators",
                                         "clamped", "branch"),
                         [](const auto& each) { return std::string(each.param); });

TEST(QuantizedLowering, StaticLayersAreIntegerKernelsWithWeightsByTheirNames) {
    for (const char* name : {"static_scripted.pt", "static_traced.pt"}) {
        const OpenedModel model = open(fixture(name));
        const auto used = kernels(model.graph);
        EXPECT_EQ(used.count("int8 aten::conv2d"), 3U) << name;
        EXPECT_EQ(used.count("int8 aten::linear"), 2U) << name;
        for (const char* layer : {"conv1", "depthwise", "branch", "fc1", "fc2"}) {
            ASSERT_NE(model.graph.findNode(layer), nullptr) << layer << graph::text(model.graph);
            const auto weight = model.graph.findValue(std::string(layer) + ".weight");
            ASSERT_TRUE(weight) << layer;
            EXPECT_EQ(model.graph.value(*weight).data.dtype(), tensor::DType::Int8);
            EXPECT_NE(model.graph.findNode(std::string(layer) + ".weight_dequantize"), nullptr);
        }
        EXPECT_EQ(model.graph.findNode("branch")->scope, "branch");
        EXPECT_EQ(model.graph.findNode("branch")->operands[5].literal<std::vector<std::int64_t>>(), (std::vector<std::int64_t>{1, 2}));
        EXPECT_EQ(model.graph.findNode("depthwise")->operands[6].literal<std::int64_t>(), 8);
        ASSERT_EQ(model.report.notes.size(), 1U);
        EXPECT_EQ(model.report.notes[0].text().find("The model is quantized already: 5 of 5 layers have integer weights."), 0U);
    }
}

TEST(QuantizedLowering, DynamicLayersShareTheirInputsNode) {
    const OpenedModel model = open(fixture("dynamic.pt"));
    const auto used = ops(model.graph);
    EXPECT_EQ(used.count("aten::linear"), 5U);
    EXPECT_EQ(used.count(std::string(op::chooseQparams)), 3U) << "query, key and value read one input";
    EXPECT_EQ(kernels(model.graph).count("int8 aten::linear"), 5U);
}

TEST(QuantizedLowering, AveragesRoundAndMovesDoNot) {
    const Graph graph = open(fixture("static_scripted.pt")).graph;
    const graph::UseIndex uses(graph);
    const Node* pool = graph.findNode("adaptive_avg_pool2d");
    ASSERT_NE(pool, nullptr);
    ASSERT_EQ(uses.uses(pool->results[0]).size(), 1U);
    EXPECT_EQ(uses.uses(pool->results[0])[0].node->op, op::quantizePerTensor);
    const Node* largest = graph.findNode("pool");
    ASSERT_NE(largest, nullptr);
    EXPECT_EQ(largest->op, op::maxPool2d);
    ASSERT_FALSE(uses.uses(largest->results[0]).empty());
    for (const auto& use : uses.uses(largest->results[0]))
        EXPECT_NE(use.node->op, op::quantizePerTensor);
}

TEST(QuantizedLowering, ClampsAroundRoundingAreItsRange) {
    const Graph graph = open(fixture("clamped.pt")).graph;
    EXPECT_EQ(ops(graph).count("aten::clamp"), 0U);
    int grids = 0;
    graph::forEachNode(graph, [&](const Node& node) {
        if (node.op != op::quantizePerTensor) return;
        ++grids;
        EXPECT_EQ(node.operands[3].literal<std::int64_t>(), 0);
        EXPECT_EQ(node.operands[4].literal<std::int64_t>(), 127);
    });
    EXPECT_EQ(grids, 2);
}

TEST(QuantizedLowering, CanBeWrittenInEveryFormat) {
    for (const char* name : {"static_traced", "dynamic", "clamped"}) {
        const base::TemporaryFolder folder;
        Graph graph = open(fixture(std::string(name) + ".pt")).graph;
        const auto arrays = data::readNpz(fixture(std::string(name) + ".npz"));
        const at::Tensor input = runtime::toAten(arrays->at("input0")).clone();
        const std::vector<c10::IValue> inputs{input};
        ASSERT_TRUE(runtime::annotateShapes(graph, inputs));
        const at::Tensor expected = run(graph, input).at(0);
        const auto program = writeExportedProgram(graph, folder.path() / "m.pt2");
        ASSERT_TRUE(program) << program.error().text();
        // PyTorch's dynamic layers use seven bits, static ones all or a part of a byte.
        const auto onnx = writeOnnx(graph, folder.path() / "m.onnx");
        ASSERT_TRUE(onnx) << onnx.error().text();
        ASSERT_TRUE(writeTorchScript(graph, folder.path() / "m.pt"));
        const double step = std::max<double>(arrays->at("step0").toFloats().front(), 1e-3);
        for (const char* file : {"m.pt2", "m.onnx", "m.pt"}) {
            const OpenedModel again = open(folder.path() / file);
            EXPECT_LE((run(again.graph, input).at(0) - expected).abs().max().item<double>(), 1.001 * step) << name << " " << file;
            EXPECT_EQ(kernels(again.graph).count("int8 aten::linear"), kernels(graph).count("int8 aten::linear")) << name << " " << file;
        }
    }
}

TEST(QuantizedLowering, WhatHasNoCounterpartIsShownWithTheReason) {
    const OpenedModel recurrent = open(fixture("recurrent.pt"));
    EXPECT_FALSE(recurrent.report.runs);
    EXPECT_TRUE(ops(recurrent.graph).contains("aten::linear")) << "the rest is there";
    EXPECT_TRUE(std::ranges::any_of(recurrent.report.problems, [](const ImportProblem& problem) {
        return problem.reason.find("holds quantized weights of a kind that cannot be taken apart "
                                   "(__torch__.torch.classes.rnn.CellParamsBase); open the float model") != std::string::npos;
    }));
    const OpenedModel integers = open(fixture("integers.pt"));
    EXPECT_FALSE(integers.report.runs);
    ASSERT_EQ(integers.report.problems.size(), 1U);
    EXPECT_EQ(integers.report.problems[0].op, "aten::int_repr");
    EXPECT_EQ(integers.report.problems[0].reason, "aten::int_repr is applied to a quantized tensor, for which Lathe has no counterpart.");
}

TEST(QuantizedLowering, WhatWasDequantizedIsNotRoundedAgain) {
    const base::TemporaryFolder folder;
    torch::jit::Module module("Model");
    module.define(
        "def forward(self, x):\n    x = torch.quantize_per_tensor(x, 0.1, 0, 13)\n    return x.mean([1]), x.dequantize().mean([1])\n");
    module.save((folder.path() / "m.pt").string());
    const Graph graph = open(folder.path() / "m.pt").graph;
    EXPECT_EQ(ops(graph).count(std::string(op::quantizePerTensor)), 2U);
    const auto outputs = run(graph, at::tensor({0.1F, 0.2F}).unsqueeze(0));
    ASSERT_EQ(outputs.size(), 2U);
    EXPECT_NEAR(outputs[0].item<double>(), 0.2, 1e-6) << "1.5 steps are 2";
    EXPECT_NEAR(outputs[1].item<double>(), 0.15, 1e-6);
}

TEST(QuantizedLowering, AScaleOfTheInputIsAProblem) {
    const base::TemporaryFolder folder;
    torch::jit::Module module("Model");
    module.define("def forward(self, x):\n    return torch.quantize_per_tensor(x, float(x.max()), 0, 13).dequantize()\n");
    module.save((folder.path() / "m.pt").string());
    const OpenedModel model = open(folder.path() / "m.pt");
    ASSERT_FALSE(model.report.problems.empty());
    EXPECT_EQ(model.report.problems[0].reason,
              "The scale or zero point of this quantization is only known while the model runs, or its type is not of 8 bits.");
}

// What Lathe quantized and exported

/// Written as TorchScript, opened again: the same as PyTorch computes with the file.
OpenedModel expectRoundTrip(const Graph& graph, const at::Tensor& input, double step) {
    const base::TemporaryFolder folder;
    const fs::path file = folder.path() / "q.pt";
    const auto written = writeTorchScript(graph, file);
    EXPECT_TRUE(written) << written.error().text();
    OpenedModel model = open(file);
    EXPECT_TRUE(model.report.runs) << (model.report.problems.empty() ? "" : model.report.problems[0].reason);
    const at::Tensor expected = runFile(file, input), actual = run(model.graph, input).at(0);
    EXPECT_LE((expected - actual).abs().max().item<double>(), 1.001 * step + 1e-5);
    EXPECT_LE((run(graph, input).at(0) - actual).abs().max().item<double>(), 1.001 * step + 1e-5);
    return model;
}

TEST(QuantizedLowering, StaticExportsComeBackWithTheSameKernels) {
    at::manual_seed(3);
    for (const std::int64_t maximum : {255, 127}) {
        QdqBuilder builder({0, maximum, "uint8"});
        auto value = builder.qdq(builder.graph.addInput("x"), -1, 1);
        value = builder.conv("conv1", value, builder.weight("conv1.weight", {4, 2, 3, 3}, true), 4, op::conv2dRelu);
        value = builder.qdq(builder.flatten(builder.maxPool("pool1", value)), 0, 6);
        value = builder.qdq(builder.linear("fc", value, builder.weight("fc.weight", {5, 64}, true), 5), -16, 16);
        builder.graph.main.outputs = {value};
        // Numbers outside of the range are cut off.
        const at::Tensor input = at::rand({16, 2, 10, 10}) * 3 - 1.5;
        const OpenedModel model = expectRoundTrip(builder.graph, input, 32.0 / static_cast<double>(maximum));
        EXPECT_EQ(kernels(model.graph).count("int8 aten::conv2d"), 1U);
        EXPECT_EQ(kernels(model.graph).count("int8 aten::linear"), 1U);
        EXPECT_EQ(ops(model.graph).count("aten::clamp"), 0U);
        EXPECT_EQ(model.graph.findNode("fc")->op, op::linear);
        EXPECT_TRUE(model.graph.value(*model.graph.findValue("conv1.weight"))
                        .data.sameContent(builder.graph.value(*builder.graph.findValue("conv1.weight")).data));
    }
}

TEST(QuantizedLowering, DynamicExportsComeBackWithTheSameKernels) {
    at::manual_seed(8);
    for (const std::int64_t maximum : {255, 127}) {
        QdqBuilder builder;
        const auto x = builder.dynamicQdq(builder.graph.addInput("x"), maximum);
        builder.graph.main.outputs = {builder.linear("fc", x, builder.weight("fc.weight", {8, 32}, true), 8, op::linearRelu)};
        const OpenedModel model = expectRoundTrip(builder.graph, at::rand({6, 32}) * 3 - 1, 1e-3);
        EXPECT_EQ(kernels(model.graph).count("int8 aten::linear"), 1U);
    }
}

TEST(QuantizedLowering, WeightOnlyExportsComeBackInBytes) {
    QdqBuilder builder;
    const auto x = builder.graph.addInput("x");
    const auto first = builder.linear("fc1", x, builder.weight("fc1.weight", {8, 32}, true), 8);
    builder.graph.main.outputs = {builder.linear("fc2", first, builder.weight("fc2.weight", {3, 8}, false, 2), 3)};
    const OpenedModel model = expectRoundTrip(builder.graph, at::rand({6, 32}), 1e-4);
    EXPECT_EQ(model.graph.value(*model.graph.findValue("fc1.weight")).data.dtype(), tensor::DType::Int8);
    EXPECT_EQ(ops(model.graph).count(std::string(op::dequantizePerChannel)), 1U);
    EXPECT_EQ(ops(model.graph).count(std::string(op::dequantizePerTensor)), 1U);
    EXPECT_NE(model.graph.findNode("fc1"), nullptr);
    EXPECT_EQ(model.report.notes.size(), 1U);
}

} // namespace
} // namespace lathe::formats
