// writeOnnx of model_file.h: what is written is read again. That ONNX Runtime agrees is checked by tests/judges/exports_test.py.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/formats/exported_program/reader.h>
#include <core/formats/model_file.h>
#include <core/formats/onnx/proto.h>
#include <core/formats/onnx/reader.h>
#include <core/graph/editor.h>
#include <core/graph/layer_weight.h>
#include <core/graph/operands.h>
#include <core/graph/operators/names.h>
#include <core/quantization/insert_qdq.h>
#include <core/runtime/plan_torch.h>
#include <tests/support/graphs.h>

namespace lathe::formats {
namespace {

namespace fs = std::filesystem;
using graph::Graph;
using graph::ValueId;

class OnnxWriter : public testing::Test {
protected:
    fs::path file() const { return m_folder.path() / "model.onnx"; }
    Graph writeAndRead(const Graph& graph, ProductWeights productWeights = ProductWeights::Signed) {
        const auto bytes = writeOnnx(graph, file(), productWeights);
        EXPECT_TRUE(bytes) << bytes.error().text();
        if (!bytes) return {};
        EXPECT_EQ(static_cast<std::uintmax_t>(*bytes), fs::file_size(file()));
        auto model = readOnnx(file());
        EXPECT_TRUE(model) << model.error().text();
        return model ? std::move(model->graph) : Graph{};
    }
    base::TemporaryFolder m_folder;
};

at::Tensor run(const Graph& graph, const at::Tensor& input) {
    runtime::PlanOptions options;
    options.quantization = runtime::QuantizationMode::Simulated;
    auto plan = runtime::Plan::compile(graph, options);
    EXPECT_TRUE(plan) << plan.error().text() << graph::text(graph);
    if (!plan) return {};
    const auto output = plan->runTensor(input);
    EXPECT_TRUE(output) << output.error().text();
    return output ? *output : at::Tensor();
}

TEST_F(OnnxWriter, WhatItWritesIsReadAgain) {
    for (const char* name : {"lenet", "residual", "dynamic_batch", "quantized", "autocast_off", "encoder"}) {
        const auto model = readExportedProgram(fs::path(LATHE_SOURCE_DIR) / "tests/data/exported" / (std::string(name) + ".pt2"));
        ASSERT_TRUE(model) << model.error().text();
        const Graph again = writeAndRead(model->graph);
        tensor::Shape shape;
        for (const graph::Dim& dim : *model->graph.value(model->graph.main.inputs[0]).shape)
            shape.push_back(dim.size < 0 ? 3 : dim.size);
        const at::Tensor input = runtime::toAten(support::randomTensor(shape, 7));
        EXPECT_TRUE(at::allclose(run(again, input), run(model->graph, input), 1e-5, 1e-5)) << name;
    }
}

TEST_F(OnnxWriter, SizesAreFreeOrFixedAsTheGraphSays) {
    Graph graph = support::smallConvNet();
    const ValueId x = graph.main.inputs[0];
    const Graph fixed = writeAndRead(graph);
    EXPECT_EQ(fixed.value(fixed.main.inputs[0]).shape, graph.value(x).shape) << "a batch that is fixed stays so";
    graph.value(x).shape->front() = {-1, "samples"};
    const Graph again = writeAndRead(graph);
    EXPECT_EQ(again.value(again.main.inputs[0]).shape, graph.value(x).shape);
    EXPECT_EQ(run(again, runtime::toAten(support::randomTensor({5, 2, 10, 10}, 5))).size(0), 5);
}

/// What a model returns may be an input or a weight of it, stand there twice, or have the key of something else.
TEST_F(OnnxWriter, EveryOutputHasANameThatNothingElseHas) {
    for (const char* op : {"prim::TupleConstruct", "prim::DictConstruct"}) {
        Graph graph;
        const ValueId x = graph.addInput("x"), w = graph.addWeight("w", tensor::Tensor::of<float>({3}, {1, 2, 3}));
        graph.value(x).shape = graph::dims({2, 3});
        graph.value(x).dtype = tensor::DType::Float32;
        const ValueId relu = graph.addNode("aten::relu", "relu", {x}).results[0];
        std::vector<graph::Operand> returned{x, w, relu, relu};
        if (std::string(op) == "prim::DictConstruct")
            returned = {graph::Literal(std::string("x")), relu, graph::Literal(std::string("w")), relu};
        const std::size_t count = op == std::string("prim::DictConstruct") ? 2 : 4;
        graph.main.outputs = {graph.addNode(op, "together", std::move(returned)).results[0]};
        const Graph again = writeAndRead(graph);
        ASSERT_EQ(again.main.outputs.size(), count) << op;
        auto plan = runtime::Plan::compile(again, {});
        ASSERT_TRUE(plan) << plan.error().text();
        const at::Tensor input = runtime::toAten(support::randomTensor({2, 3}, 5));
        const std::vector<c10::IValue> inputs{input};
        const auto outputs = plan->run(inputs);
        ASSERT_TRUE(outputs) << outputs.error().text();
        EXPECT_TRUE(at::equal(outputs->back().toTensor(), input.relu())) << op;
        EXPECT_TRUE(at::equal(outputs->front().toTensor(), count == 2 ? input.relu() : input)) << op;
    }
}

TEST_F(OnnxWriter, FusedOperatorsAreExpanded) {
    Graph graph = support::smallConvNet();
    graph.main.nodes[0].op = graph::op::conv2dRelu;
    const at::Tensor input = runtime::toAten(support::randomTensor({1, 2, 10, 10}, 5));
    EXPECT_TRUE(at::allclose(run(writeAndRead(graph), input), run(graph, input), 1e-5, 1e-6));
}

/// linear with a weight of integers in [low, high], per channel.
Graph quantizedLinear(std::int64_t low, std::int64_t high) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    graph.value(x).shape = graph::dims({1, 64});
    std::vector<std::int8_t> values(96 * 64);
    for (std::size_t at = 0; at < values.size(); ++at)
        values[at] = static_cast<std::int8_t>(low + static_cast<std::int64_t>(at * 7) % (high - low + 1));
    std::vector<float> scales(96);
    for (std::size_t channel = 0; channel < scales.size(); ++channel)
        scales[channel] = 0.01F + 0.001F * static_cast<float>(channel);
    const ValueId weight = graph.addWeight("fc.weight", tensor::Tensor::of<std::int8_t>({96, 64}, values), false);
    const ValueId scale = graph.addWeight("fc.scale", tensor::Tensor::of<float>({96}, scales), false);
    const ValueId zero = graph.addWeight("fc.zero", tensor::Tensor::zeros(tensor::DType::Int64, {96}), false);
    const ValueId matrix = graph
                               .addNode(std::string(graph::op::dequantizePerChannel), "w",
                                        {weight, scale, zero, support::number(0), support::number(low), support::number(high),
                                         graph::Literal(std::string("int8"))})
                               .results[0];
    const ValueId y = graph.addNode(std::string(graph::op::linear), "fc", {x, matrix, graph::Operand()}).results[0];
    graph.main.outputs = {y};
    return graph;
}

TEST_F(OnnxWriter, PerTokenLayersAreProductsOfIntegers) {
    const std::pair<std::int64_t, std::int64_t> ranges[] = {{-127, 127}, {-8, 7}};
    for (const auto& [low, high] : ranges) {
        for (const auto op : {graph::op::linear, graph::op::linearRelu}) {
            Graph graph = quantizedLinear(low, high);
            graph::Node layer = graph.main.nodes.back();
            graph.main.nodes.pop_back();
            layer.op = op;
            layer.operands[0] = support::addPerTokenQdq(graph, graph.main.inputs[0]);
            layer.operands[2] = graph.addWeight("fc.bias", support::randomTensor({96}, 4), true);
            graph.main.nodes.push_back(layer);
            at::Tensor input = runtime::toAten(support::randomTensor({3, 64}, 2));
            input[1].mul_(50);
            const at::Tensor expected = run(graph, input);
            const Graph again = writeAndRead(graph);
            EXPECT_TRUE(at::allclose(run(again, input), expected, 1e-4, 1e-3)) << "range " << high;
            const bool isInteger = std::ranges::any_of(
                again.main.nodes, [](const graph::Node& node) { return node.name.find("MatMulInteger") != std::string::npos; });
            EXPECT_EQ(isInteger, high == 127) << "four bits stay four bits";
            EXPECT_LT(fs::file_size(file()), 96U * 64 + 4000) << "no weight is there twice";
        }
    }
}

/// Operators of the file that was written last, with how often.
std::map<std::string, int> operatorsOf(const fs::path& file) {
    std::map<std::string, int> counts;
    const std::string bytes = base::readFile(file).value();
    const auto model = onnx::parseModel(bytes);
    EXPECT_TRUE(model);
    for (const onnx::NodeProto& node : model->graph.nodes)
        ++counts[node.opType];
    return counts;
}

/// The layer of quantizedLinear() with a bias, whose input is rounded to 0 … top of a grid that is chosen while the model runs.
Graph dynamicLinear(std::int64_t low, std::int64_t high, std::int64_t top) {
    Graph graph = quantizedLinear(low, high);
    graph::Node layer = graph.main.nodes.back();
    graph.main.nodes.pop_back();
    const ValueId x = graph.main.inputs[0];
    const graph::Operand from = support::number(0), to = support::number(top), dtype = graph::Literal(std::string("uint8"));
    const auto chosen =
        graph.addNode(std::string(graph::op::chooseQparams), "choose", {x, from, to, graph::Literal(1e-7), dtype}, 2).results;
    graph.value(chosen[0]).dtype = tensor::DType::Float64;
    graph.value(chosen[1]).dtype = tensor::DType::Int64;
    const auto convert = [&](std::string_view op, const char* name, ValueId input, tensor::DType result) {
        const ValueId id = graph.addNode(std::string(op), name, {input, chosen[0], chosen[1], from, to, dtype}).results[0];
        graph.value(id).dtype = result;
        graph.value(id).shape = graph.value(x).shape;
        return id;
    };
    const ValueId bytes = convert(graph::op::quantizePerTensorDynamic, "q", x, tensor::DType::UInt8);
    layer.operands[0] = convert(graph::op::dequantizePerTensorDynamic, "dq", bytes, tensor::DType::Float32);
    layer.operands[2] = graph.addWeight("fc.bias", support::randomTensor({96}, 4), true);
    graph.main.nodes.push_back(layer);
    return graph;
}

TEST_F(OnnxWriter, DynamicLayersAreProductsOfIntegers) {
    for (const auto weights : {ProductWeights::Signed, ProductWeights::Unsigned}) {
        for (const auto& [high, top] : {std::pair{127, 255}, {7, 255}, {127, 127}, {7, 127}}) {
            const auto context = ::testing::Message() << "weights to " << high << ", inputs to " << top;
            const Graph graph = dynamicLinear(high == 7 ? -8 : -127, high, top);
            const at::Tensor input = runtime::toAten(support::randomTensor({3, 64}, 2));
            const Graph again = writeAndRead(graph, weights);
            EXPECT_TRUE(at::allclose(run(again, input), run(graph, input), 1e-4, 1e-3)) << context;
            // What is read is the layer again, with its bias and the grid of its input, and not the arithmetic that it was written as.
            const graph::Node* read = again.findNode("fc");
            ASSERT_TRUE(read != nullptr && read->op == graph::op::linear) << graph::text(again);
            EXPECT_FALSE(read->operands[2].isNone());
            EXPECT_TRUE(graph::weightOf(again, graph::UseIndex(again), *read)->dequantize);
            for (const graph::Node& node : again.main.nodes) {
                EXPECT_TRUE(node.op == graph::op::linear || node.op.starts_with("quantized_decomposed")) << context << graph::text(again);
                if (node.op == graph::op::chooseQparams || node.op == graph::op::quantizePerTensorDynamic) {
                    EXPECT_EQ(node.operands[node.operands.size() - (node.op == graph::op::chooseQparams ? 3 : 2)].literal<std::int64_t>(),
                              top);
                }
            }
            EXPECT_EQ(again.value(again.main.outputs[0].value()).name, "fc_out");
            auto operators = operatorsOf(file());
            EXPECT_EQ(operators["DynamicQuantizeLinear"], top == 255 ? 1 : 0);
            EXPECT_EQ(operators["MatMulInteger"], high == 127 ? 1 : 0) << "four bits stay four bits";
            EXPECT_EQ(operators["QuantizeLinear"] + operators["DequantizeLinear"], (high == 127 ? 0 : 2) + (top == 255 ? 0 : 1));
            EXPECT_LT(fs::file_size(file()), 96U * 64 + 4500) << "no weight is there twice";
        }
    }
}

TEST_F(OnnxWriter, DynamicGridsOfAPartOfAByteCoverEveryInput) {
    const Graph graph = dynamicLinear(-127, 127, 127);
    const Graph again = writeAndRead(graph);
    // Nothing, all above or below zero, and both ends between two levels, where rounding would leave the grid.
    for (const auto& [low, high] : {std::pair{0.0, 0.0}, {1.0, 2.0}, {-2.0, -1.0}, {-0.5, 126.5}, {-1e-9, 1e-9}}) {
        const at::Tensor input = at::linspace(low, high, 64).reshape({1, 64});
        EXPECT_TRUE(at::allclose(run(again, input), run(graph, input), 1e-4, 1e-4)) << low << " to " << high;
    }
}

TEST_F(OnnxWriter, IntegerWeightsOfManyDimensionsAreStoredTransposed) {
    Graph graph = quantizedLinear(-127, 127);
    graph.value(graph.main.inputs[0]).shape = graph::dims({2, 3, 64});
    graph.value(graph.main.outputs[0].value()).shape = graph::dims({2, 3, 96});
    const at::Tensor input = runtime::toAten(support::randomTensor({2, 3, 64}, 2));
    EXPECT_TRUE(at::allclose(run(writeAndRead(graph), input), run(graph, input), 1e-5, 1e-5));
    auto operators = operatorsOf(file());
    EXPECT_EQ(operators["Transpose"], 0) << "runtimes would restore the floats in each call";
    EXPECT_EQ(operators["DequantizeLinear"], 1);
    EXPECT_LT(fs::file_size(file()), 96U * 64 + 2000) << "no weight is there twice";
}

/// ONNX Runtime computes a Gemm without any quantization behind it in integers (QGemm) only when its weight has a zero point and its bias
/// is integers too; it restores the weight in each call otherwise.
TEST_F(OnnxWriter, BiasesOfRowsAreIntegersWhereTheyAreWholeUnits) {
    for (const bool isWhole : {true, false}) {
        Graph graph = quantizedLinear(-127, 127);
        graph.value(graph.main.inputs[0]).shape = graph::dims({3, 64});
        graph.value(graph.main.outputs[0].value()).shape = graph::dims({3, 96});
        std::vector<float> numbers(96);
        for (std::size_t channel = 0; channel < numbers.size(); ++channel)
            numbers[channel] =
                static_cast<float>(channel) * (0.02F * (0.01F + 0.001F * static_cast<float>(channel))) + (isWhole ? 0 : 1e-5F);
        graph.main.nodes.back().operands[2] = graph.addWeight("fc.bias", tensor::Tensor::of<float>({96}, numbers), true);
        graph::Editor editor(graph);
        quantization::insertQdq(editor, graph.main.inputs[0], {0.02, 100, 0, 255, tensor::DType::UInt8});
        editor.finish();
        const at::Tensor input = runtime::toAten(support::randomTensor({3, 64}, 2));
        const Graph again = writeAndRead(graph);
        EXPECT_TRUE(at::equal(run(again, input), run(graph, input)));
        EXPECT_EQ(operatorsOf(file())["DequantizeLinear"], isWhole ? 3 : 2);
        // Read as the layer that it was.
        const auto* layer = again.findNode("fc");
        ASSERT_NE(layer, nullptr);
        EXPECT_EQ(layer->op, graph::op::linear);
        EXPECT_EQ(graph::weightData(again, layer->operands[2])->toFloats(), numbers);
    }
}

TEST_F(OnnxWriter, RowsOfAnIntegerTableAreRestoredAfterTheyWereFound) {
    Graph graph;
    graph.name = "table";
    const ValueId words = graph.addInput("words");
    graph.value(words).dtype = tensor::DType::Int64;
    graph.value(words).shape = graph::dims({2, 3});
    std::vector<float> levels = support::randomTensor({20, 16}, 1).toFloats();
    for (float& level : levels)
        level *= 127;
    const ValueId table = graph.addWeight("table.weight", tensor::Tensor::of<float>({20, 16}, levels).to(tensor::DType::Int8), false);
    std::vector<float> scales;
    for (int row = 0; row < 20; ++row)
        scales.push_back(0.5F + static_cast<float>(row));
    const ValueId scale = graph.addWeight("table.weight_scale", tensor::Tensor::of<float>({20}, scales), false);
    const ValueId zeros = graph.addWeight("table.weight_zero_point", tensor::Tensor::zeros(tensor::DType::Int32, {20}), false);
    const ValueId floats = graph
                               .addNode(std::string(graph::op::dequantizePerChannel), "restore",
                                        {table, scale, zeros, support::number(0), support::number(-127), support::number(127),
                                         graph::Literal(std::string("int8"))})
                               .results[0];
    graph.value(floats).dtype = tensor::DType::Float32;
    const ValueId found = graph
                              .addNode(std::string(graph::op::embedding), "table",
                                       {floats, words, support::number(-1), graph::Literal(false), graph::Literal(false)})
                              .results[0];
    graph.value(found).dtype = tensor::DType::Float32;
    graph.value(found).shape = graph::dims({2, 3, 16});
    graph.main.outputs = {found};
    const at::Tensor input = at::tensor({0, 7, 19, 3, 3, 11}, at::kLong).reshape({2, 3});
    EXPECT_TRUE(at::equal(run(writeAndRead(graph), input), run(graph, input)));
    EXPECT_EQ(operatorsOf(file())["DequantizeLinear"], 0);
}

TEST_F(OnnxWriter, IntegerWeightsStayIntegers) {
    const at::Tensor input = runtime::toAten(support::randomTensor({3, 64}, 2));
    std::uintmax_t bytes[2] = {};
    const std::pair<std::int64_t, std::int64_t> ranges[] = {{-127, 127}, {-8, 7}};
    for (std::size_t at = 0; at < 2; ++at) {
        const Graph graph = quantizedLinear(ranges[at].first, ranges[at].second);
        EXPECT_TRUE(at::allclose(run(writeAndRead(graph), input), run(graph, input), 1e-5, 1e-5)) << "range " << ranges[at].second;
        bytes[at] = fs::file_size(file());
    }
    EXPECT_LT(bytes[0], 96U * 64 + 2000) << "one byte each";
    EXPECT_LT(bytes[1], 96U * 64 / 2 + 2000) << "half a byte each";
}

TEST_F(OnnxWriter, SmallConstantsThatAreAlikeAreWrittenOnce) {
    // Three grids in a row, the last with another scale.
    Graph graph;
    graph.name = "grids";
    ValueId last = graph.addInput("x");
    const ValueId x = last;
    const auto dtype = graph::Literal(std::string("uint8"));
    for (const double scale : {0.5, 0.5, 0.25}) {
        const std::vector<graph::Operand> grid{graph::Literal(scale), support::number(3), support::number(0), support::number(255), dtype};
        for (const auto op : {graph::op::quantizePerTensor, graph::op::dequantizePerTensor}) {
            std::vector<graph::Operand> operands{last};
            operands.insert(operands.end(), grid.begin(), grid.end());
            last = graph.addNode(std::string(op), std::string(op == graph::op::quantizePerTensor ? "q" : "dq"), operands).results[0];
            graph.value(last).dtype = op == graph::op::quantizePerTensor ? tensor::DType::UInt8 : tensor::DType::Float32;
        }
    }
    for (const ValueId value : {x, last}) {
        graph.value(value).dtype = tensor::DType::Float32;
        graph.value(value).shape = graph::dims({2, 3});
    }
    graph.main.outputs = {last};
    const at::Tensor input = runtime::toAten(support::randomTensor({2, 3}, 5)) * 40;
    EXPECT_TRUE(at::equal(run(writeAndRead(graph), input), run(graph, input)));
    const auto bytes = base::readFile(file());
    const auto model = onnx::parseModel(*bytes);
    ASSERT_TRUE(model);
    EXPECT_EQ(model->graph.initializers.size(), 3U) << "two scales and one zero point";
}

TEST_F(OnnxWriter, SaysWhatItCannotWriteAndLeavesTheOldFile) {
    ASSERT_TRUE(base::writeFile(file(), "old"));
    Graph special = support::smallConvNet();
    special.main.nodes[2].op = "aten::linalg_svd";
    const auto written = writeOnnx(special, file());
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, base::ErrorCode::Unsupported);
    EXPECT_NE(written.error().message.text().find("The model cannot be written as ONNX: the node pool1 "), std::string::npos)
        << written.error().message;
    EXPECT_EQ(base::readFile(file()).value(), "old");
}

} // namespace
} // namespace lathe::formats
