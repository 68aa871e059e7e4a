// writeExportedProgram of model_file.h: what is written is read again. That PyTorch loads it is checked by tests/judges/exports_test.py.
#include <algorithm>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/formats/exported_program/emitter.h>
#include <core/formats/exported_program/reader.h>
#include <core/formats/onnx/reader.h>
#include <core/formats/torchscript/reader.h>
#include <core/graph/model_outputs.h>
#include <core/runtime/plan_torch.h>
#include <tests/support/graphs.h>

namespace lathe::formats {
namespace {

namespace fs = std::filesystem;
using graph::Graph;
using graph::ValueId;

class ExportedProgramWriter : public testing::Test {
protected:
    fs::path file() const { return m_folder.path() / "model.pt2"; }
    Graph writeAndRead(const Graph& graph) {
        const auto bytes = writeExportedProgram(graph, file());
        EXPECT_TRUE(bytes) << bytes.error().text();
        if (!bytes) return {};
        EXPECT_EQ(static_cast<std::uintmax_t>(*bytes), fs::file_size(file()));
        auto model = readExportedProgram(file());
        EXPECT_TRUE(model) << model.error().text();
        return model ? std::move(model->graph) : Graph{};
    }
    base::TemporaryFolder m_folder;
};

at::Tensor run(const Graph& graph, const at::Tensor& input) {
    runtime::PlanOptions options;
    options.quantization = runtime::QuantizationMode::Simulated;
    auto plan = runtime::Plan::compile(graph, options);
    EXPECT_TRUE(plan) << plan.error().text();
    const auto output = plan->runTensor(input);
    EXPECT_TRUE(output) << output.error().text();
    return output ? *output : at::Tensor();
}

std::vector<std::string> names(const Graph& graph) {
    std::vector<std::string> result;
    graph::forEachNode(graph, [&](const graph::Node& node) { result.push_back(node.name); });
    return result;
}

TEST_F(ExportedProgramWriter, WhatItWritesIsReadAgain) {
    for (const char* name : {"lenet", "residual", "residual_decomposed", "dynamic_batch", "tied", "multiple_outputs", "quantized"}) {
        const auto model = readExportedProgram(fs::path(LATHE_SOURCE_DIR) / "tests/data/exported" / (std::string(name) + ".pt2"));
        ASSERT_TRUE(model) << model.error().text();
        const Graph again = writeAndRead(model->graph);
        EXPECT_EQ(names(again), names(model->graph)) << name;
        tensor::Shape shape;
        for (const graph::Dim& dim : *model->graph.value(model->graph.main.inputs[0]).shape)
            shape.push_back(dim.size < 0 ? 3 : dim.size);
        const at::Tensor input = runtime::toAten(support::randomTensor(shape, 7));
        EXPECT_TRUE(at::equal(run(again, input), run(model->graph, input))) << name;
    }
}

TEST_F(ExportedProgramWriter, CallersGetTheSameDictionaries) {
    for (const char* name : {"named", "multiple_outputs"}) {
        const auto model = readExportedProgram(fs::path(LATHE_SOURCE_DIR) / "tests/data/exported" / (std::string(name) + ".pt2"));
        ASSERT_TRUE(model) << model.error().text();
        const Graph again = writeAndRead(model->graph);
        EXPECT_EQ(graph::outputNames(again), graph::outputNames(model->graph));
        ASSERT_EQ(again.main.inputs.size(), model->graph.main.inputs.size());
        for (std::size_t index = 0; index < again.main.inputs.size(); ++index)
            EXPECT_EQ(again.value(again.main.inputs[index]).name, model->graph.value(model->graph.main.inputs[index]).name);
    }
}

TEST_F(ExportedProgramWriter, SumsOfSizesThatTracingWritesAsTensors) {
    // table[:, : int(NumToTensor(x.size(1)) + 0)] + x
    Graph graph;
    const ValueId x = graph.addInput("x");
    graph.value(x).shape = graph::dims({2, 5});
    const ValueId table = graph.addWeight("table", support::randomTensor({1, 9}, 1));
    const ValueId zero = graph.addWeight("zero", tensor::Tensor::of<std::int64_t>({}, {0}), false);
    const auto add = [&](const char* op, const char* name, std::vector<graph::Operand> operands, graph::TypeKind type) {
        const ValueId result = graph.addNode(op, name, std::move(operands)).results[0];
        graph.value(result).type = type;
        return result;
    };
    const ValueId size = add("aten::size.int", "size", {x, support::number(1)}, graph::TypeKind::Int);
    const ValueId asTensor = add("prim::NumToTensor.Scalar", "tensor", {size}, graph::TypeKind::Tensor);
    const ValueId sum = add("aten::add.Tensor", "sum", {asTensor, zero, support::number(1)}, graph::TypeKind::Tensor);
    const ValueId length = add("aten::Int.Tensor", "length", {sum}, graph::TypeKind::Int);
    const ValueId part = add("aten::slice.Tensor", "part", {table, support::number(1), support::number(0), length, support::number(1)},
                             graph::TypeKind::Tensor);
    graph.value(part).shape = graph::dims({1, 5});
    const ValueId y = add("aten::add.Tensor", "y", {x, part, support::number(1)}, graph::TypeKind::Tensor);
    graph.value(y).shape = graph::dims({2, 5});
    graph.main.outputs.emplace_back(y);
    const Graph again = writeAndRead(graph);
    EXPECT_EQ(again.main.nodes.size(), 2U) << "the sizes are numbers now";
    const at::Tensor input = runtime::toAten(support::randomTensor({2, 5}, 5));
    EXPECT_TRUE(at::equal(run(again, input), run(graph, input)));
}

TEST_F(ExportedProgramWriter, GridsOfEachRow) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    graph.value(x).shape = graph::dims({3, 5, 8});
    graph.main.outputs.emplace_back(support::addPerTokenQdq(graph, x));
    const Graph again = writeAndRead(graph);
    ASSERT_EQ(again.main.nodes.size(), 3U);
    EXPECT_EQ(again.main.nodes[2].operands, graph.main.nodes[2].operands) << "with the element type by name";
    const at::Tensor input = runtime::toAten(support::randomTensor({3, 5, 8}, 5));
    EXPECT_TRUE(at::equal(run(again, input), run(graph, input)));
}

TEST_F(ExportedProgramWriter, SizesWithoutANameGetOne) {
    const auto model = readOnnx(fs::path(LATHE_SOURCE_DIR) / "tests/data/onnx/encoder.onnx");
    ASSERT_TRUE(model) << model.error().text();
    const auto unnamed = [](const Graph& graph) {
        std::int64_t count = 0;
        for (const graph::Value& value : graph.values) {
            if (value.shape)
                count += std::ranges::count_if(*value.shape, [](const graph::Dim& dim) { return dim.size < 0 && dim.symbol.empty(); });
        }
        return count;
    };
    EXPECT_GT(unnamed(model->graph), 1);
    const Graph again = writeAndRead(model->graph);
    EXPECT_EQ(unnamed(again), 0);
    const auto& shape = *again.value(again.main.inputs[0]).shape;
    EXPECT_EQ(shape[0].symbol, "batch");
    EXPECT_NE(shape[1].symbol, "batch") << "batch and length are not the same";
    for (const auto& sizes : {std::vector<std::int64_t>{3, 7}, std::vector<std::int64_t>{2, 12}}) {
        const at::Tensor ids = at::randint(20, sizes, at::kLong);
        EXPECT_TRUE(at::allclose(run(again, ids), run(model->graph, ids)));
    }
}

TEST_F(ExportedProgramWriter, FusedOperatorsAreExpanded) {
    Graph graph = support::smallConvNet();
    graph.main.nodes[0].op = graph::op::conv2dRelu;
    const Graph again = writeAndRead(graph);
    ASSERT_GE(again.main.nodes.size(), 2U);
    EXPECT_EQ(again.main.nodes[0].op, graph::op::conv2d);
    EXPECT_EQ(again.main.nodes[1].op, graph::op::relu);
    const at::Tensor input = runtime::toAten(support::randomTensor({1, 2, 10, 10}, 5));
    EXPECT_TRUE(at::allclose(run(again, input), run(graph, input)));
}

TEST_F(ExportedProgramWriter, Int8WeightsTakeOneByte) {
    const auto written = [&](tensor::DType dtype) {
        Graph graph;
        const ValueId x = graph.addInput("x");
        graph.value(x).shape = graph::dims({1, 100});
        // Noise, which deflating hardly shortens.
        std::vector<float> noise = support::randomTensor({100, 100}, 1).toFloats();
        for (float& value : noise)
            value *= 127;
        const tensor::Tensor weights = tensor::Tensor::of<float>({100, 100}, noise).to(dtype);
        const ValueId weight = graph.addWeight("fc.weight", weights, dtype == tensor::DType::Float32);
        ValueId matrix = weight;
        if (dtype == tensor::DType::Int8) {
            matrix = graph
                         .addNode(std::string(graph::op::dequantizePerTensor), "w",
                                  {weight, graph::Literal(0.5), support::number(0), support::number(-127), support::number(127),
                                   graph::Literal(std::string("int8"))})
                         .results[0];
        }
        const ValueId y = graph.addNode(std::string(graph::op::linear), "fc", {x, matrix, graph::Operand()}).results[0];
        graph.value(y).shape = graph::dims({1, 100});
        graph.main.outputs = {y};
        const Graph again = writeAndRead(graph);
        EXPECT_EQ(again.value(*again.findValue("fc.weight")).data.dtype(), dtype);
        return fs::file_size(file());
    };
    const auto floats = written(tensor::DType::Float32), bytes = written(tensor::DType::Int8);
    EXPECT_LT(bytes, 14'000U);
    EXPECT_GT(floats, 5 * bytes / 2);
}

TEST_F(ExportedProgramWriter, TiedWeightsAreStoredOnce) {
    const auto model = readExportedProgram(fs::path(LATHE_SOURCE_DIR) / "tests/data/exported/tied.pt2");
    ASSERT_TRUE(model) << model.error().text();
    Graph graph = model->graph;
    const ValueId second = graph.addWeight("second", graph.value(*graph.findValue("decoder.weight")).data);
    graph.main.nodes.back().operands[1] = graph::Operand(second);
    const Graph again = writeAndRead(graph);
    EXPECT_EQ(again.value(*again.findValue("decoder.weight")).data.storage(), again.value(*again.findValue("second")).data.storage());
}

TEST_F(ExportedProgramWriter, SaysWhatItCannotWriteAndLeavesNothing) {
    Graph unknown = support::smallConvNet();
    unknown.value(unknown.main.nodes[2].results[0]).shape.reset();
    const auto condition = readExportedProgram(fs::path(LATHE_SOURCE_DIR) / "tests/data/exported/condition.pt2");
    ASSERT_TRUE(condition) << condition.error().text();
    Graph special = support::smallConvNet();
    special.main.nodes[2].op = "prim::GetAttr";
    const std::vector<std::pair<const Graph*, std::string>> cases{
        {&unknown, "pool1 (aten::max_pool2d) cannot be written as an exported program: the shape of its result is not known"},
        {&condition->graph, "bool (aten::Bool.Tensor) cannot be written as an exported program: it gives neither tensors nor sizes"},
        {&special, "only TorchScript has this operator"},
    };
    for (const auto& [graph, words] : cases) {
        const auto written = writeExportedProgram(*graph, file());
        ASSERT_FALSE(written) << words;
        EXPECT_EQ(written.error().code, base::ErrorCode::Unsupported) << written.error().text();
        EXPECT_NE(written.error().message.text().find(words), std::string::npos) << written.error().message;
        EXPECT_TRUE(fs::is_empty(m_folder.path()));
    }
}

} // namespace
} // namespace lathe::formats
