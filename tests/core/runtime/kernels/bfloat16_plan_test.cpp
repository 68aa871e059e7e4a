#include <core/runtime/cpu.h>

#include <cstdlib>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/graph/editor.h>
#include <core/quantization/half.h>
#include <core/runtime/kernels/attention/attention_tiles.h>
#include <tests/core/runtime/graphs.h>

/// Plans of graphs whose layers and products read bfloat16, against the same nodes one after the other, which convert and multiply floats.
namespace lathe::runtime::testing {
namespace {

void describe(Graph& graph, graph::ValueId id, const Ints& sizes) {
    graph.value(id).dtype = tensor::DType::Float32;
    graph.value(id).shape = graph::dims(sizes);
}

/// Rounds an operand of a node to bfloat16, or stores it in it.
void round(Graph& graph, const std::string& node, std::size_t operand) {
    graph::Editor editor(graph);
    const graph::ValueId value = editor.findNode(node)->operands[operand].value();
    if (graph.value(value).kind == graph::ValueKind::Weight) {
        quantization::insertHalfWeight(editor, value, tensor::DType::BFloat16);
    } else {
        std::vector<graph::Editor::Use> readers = editor.uses(value);
        std::erase_if(readers, [&](const graph::Editor::Use& use) { return use.node == nullptr || use.node->name != node; });
        (void)quantization::insertHalfRounding(editor, value, tensor::DType::BFloat16, readers);
    }
    editor.finish();
}

const InstructionInfo* infoOf(const Plan& plan, const std::string& node) {
    for (const InstructionInfo& info : plan.instructions()) {
        if (info.node == node) return &info;
    }
    return nullptr;
}

/// "oneDNN bfloat16 conv2d", or without the word where the CPU multiplies floats instead.
std::string kernel(const std::string& what) { return std::string("oneDNN ") + (cpuHasBfloat16() ? "bfloat16 " : "") + what; }

void expectSame(const Graph& graph, const std::vector<c10::IValue>& inputs, double tolerance = 1e-4) {
    Plan whole = compiled(graph, preferring("onednn")), parts = compiled(graph);
    const at::Tensor a = whole.runTensor(inputs).value(), b = parts.runTensor(inputs).value();
    EXPECT_EQ(a.scalar_type(), b.scalar_type());
    EXPECT_TRUE(at::allclose(a.to(at::kFloat), b.to(at::kFloat), tolerance, tolerance)) << (a - b).abs().max();
}

TEST(Bfloat16Plan, ConvolutionsAndLinearLayers) {
    for (const bool isConvolution : {true, false}) {
        for (const bool hasRelu : {false, true}) {
            Graph graph;
            const auto x = graph.addInput("x");
            describe(graph, x, isConvolution ? Ints{2, 7, 9, 11} : Ints{5, 31});
            auto y = isConvolution ? addConv(graph, "layer", x, 7, 10, 3, graph::op::conv2d, 1) : addLinear(graph, "layer", x, 31, 10);
            if (hasRelu) y = addRelu(graph, "relu", y);
            graph.main.outputs.emplace_back(y);
            round(graph, "layer", 0);
            round(graph, "layer", 1);
            const Plan plan = compiled(graph, preferring("onednn"));
            ASSERT_EQ(plan.instructions().size(), 2U) << "the rounding of the input and the layer";
            const InstructionInfo& info = *infoOf(plan, "layer");
            EXPECT_EQ(info.kernel.find(kernel(isConvolution ? "conv2d" : "linear")), 0U) << info.kernel;
            EXPECT_EQ(info.isReal, cpuHasBfloat16());
            const at::Tensor input = isConvolution ? at::randn({2, 7, 9, 11}) : at::randn({5, 31});
            expectSame(graph, {input});
            expectSame(graph, {isConvolution ? input.contiguous(at::MemoryFormat::ChannelsLast) : at::randn({0, 31})});
        }
    }
}

/// What reads a layer's result in bfloat16 only gets it so.
TEST(Bfloat16Plan, LayersHandOnHalves) {
    Graph graph;
    const auto x = graph.addInput("x");
    describe(graph, x, {2, 6, 9, 11});
    const auto first = addConv(graph, "first", x, 6, 6, 3, graph::op::conv2d, 1);
    describe(graph, first, {2, 6, 9, 11});
    const auto relu = addRelu(graph, "relu", first);
    describe(graph, relu, {2, 6, 9, 11});
    const auto second = addConv(graph, "second", relu, 6, 6, 3, graph::op::conv2d, 1);
    describe(graph, second, {2, 6, 9, 11});
    graph.main.outputs.emplace_back(graph.addNode("aten::add.Tensor", "add", {second, x, integer(1)}).results[0]);
    for (const char* layer : {"first", "second"}) {
        round(graph, layer, 0);
        round(graph, layer, 1);
    }
    const Plan plan = compiled(graph, preferring("onednn"));
    EXPECT_EQ(plan.instructions().size(), 3U) << "the rounding of the input and two layers";
    EXPECT_NE(infoOf(plan, "second")->kernel.find("+add"), std::string::npos);
    // A number that lies between two halves may be rounded to the other one.
    expectSame(graph, {at::randn({2, 6, 9, 11})}, 2e-2);
}

TEST(Bfloat16Plan, WeightsThatAreNoHalvesStayFloat) {
    Graph graph;
    const auto x = graph.addInput("x");
    describe(graph, x, {5, 31});
    graph.main.outputs.emplace_back(addLinear(graph, "layer", x, 31, 10));
    round(graph, "layer", 0);
    EXPECT_EQ(infoOf(compiled(graph, preferring("onednn")), "layer")->kernel.find("oneDNN linear"), 0U);
    expectSame(graph, {at::randn({5, 31})});
}

struct Form {
    Ints query, key, value; ///< (…, rows, features)
    Ints mask = {};
};

Graph attention(const Form& form, bool isOne) {
    Graph graph;
    const auto input = [&](const char* name, const Ints& sizes) {
        const auto id = graph.addInput(name);
        describe(graph, id, sizes);
        return id;
    };
    const auto query = input("q", form.query), key = input("k", form.key), value = input("v", form.value);
    const Operand mask = form.mask.empty() ? none() : Operand(input("mask", form.mask));
    const auto named = [&](const std::string& op, const std::string& name, const std::vector<Operand>& operands, const Ints& sizes) {
        const auto id = graph.addNode(op, name, operands).results[0];
        describe(graph, id, sizes);
        return id;
    };
    if (isOne) {
        graph.main.outputs.emplace_back(named("aten::scaled_dot_product_attention", "sums",
                                              {query, key, value, mask, real(0), boolean(false), none(), boolean(false)}, form.query));
        for (const std::size_t at : {0U, 1U, 2U})
            round(graph, "sums", at);
        return graph;
    }
    Ints turned = form.key, scores = form.query;
    std::swap(turned[turned.size() - 1], turned[turned.size() - 2]);
    scores.back() = turned.back();
    const auto keyT = named("aten::transpose.int", "kT", {key, integer(-2), integer(-1)}, turned);
    auto x = named("aten::matmul", "scores", {query, keyT}, scores);
    x = named("aten::div.Scalar", "scaled", {x, real(2.5)}, scores);
    if (!form.mask.empty()) x = named("aten::add.Tensor", "masked", {x, mask, integer(1)}, scores);
    x = named("aten::softmax.int", "weights", {x, integer(-1), none()}, scores);
    graph.main.outputs.emplace_back(named("aten::matmul", "sums", {x, value}, form.query));
    for (const char* product : {"scores", "sums"}) {
        round(graph, product, 0);
        round(graph, product, 1);
    }
    return graph;
}

void expectWhole(const Form& form, bool isOne, const PlanOptions& options, const std::string& kernelName) {
    const Graph graph = attention(form, isOne);
    std::vector<c10::IValue> inputs = {at::randn(form.query), at::randn(form.key), at::randn(form.value)};
    if (!form.mask.empty()) inputs.emplace_back(at::randn(form.mask));
    Plan parts = compiled(graph), whole = compiled(graph, options);
    EXPECT_EQ(infoOf(whole, "sums")->kernel, kernelName) << infoOf(whole, "sums")->reason;
    const at::Tensor a = whole.runTensor(inputs).value(), b = parts.runTensor(inputs).value();
    EXPECT_TRUE(at::allclose(a, b, 1e-2, 1e-2)) << (a - b).abs().max();
    // As projections give them: heads beside each other in a row.
    for (std::size_t at = 0; at < 3; ++at)
        inputs[at] = inputs[at].toTensor().transpose(0, 1).contiguous().transpose(0, 1);
    EXPECT_TRUE(at::allclose(whole.runTensor(inputs).value(), b, 1e-2, 1e-2));
}

TEST(Bfloat16Plan, AttentionIsOneInstruction) {
    if (!cpuHasBfloat16()) GTEST_SKIP() << "this CPU does not multiply bfloat16";
    for (const Form& form :
         {Form{{2, 3, 5, 4}, {2, 3, 7, 4}, {2, 3, 7, 4}}, Form{{2, 3, 5, 4}, {2, 3, 7, 4}, {2, 3, 7, 4}, {1, 1, 1, 7}},
          Form{{2, 3, 5, 4}, {2, 3, 7, 4}, {2, 3, 7, 4}, {2, 1, 5, 7}},
          Form{{1, 12, 128, 32}, {1, 12, 128, 32}, {1, 12, 128, 32}, {1, 1, 1, 128}}, Form{{6, 1, 4}, {6, 9, 4}, {6, 9, 4}}}) {
        expectWhole(form, false, preferring("onednn"), "oneDNN bfloat16 attention");
        if (form.query.size() == 4) expectWhole(form, true, preferring("onednn"), "oneDNN bfloat16 attention");
    }
}

/// By what is stored of its times.
TEST(Bfloat16Plan, AttentionOfSixteenQueriesAtATime) {
    if (!bestHalfProducts()) GTEST_SKIP() << "this CPU has no products of bfloat16";
    const bool hasTiles = bestHalfProducts() == HalfProducts::MatrixTiles;
    const std::string kernel = hasTiles ? "Lathe bfloat16 attention, AMX" : "Lathe bfloat16 attention, AVX-512";
    const base::TemporaryFolder folder;
    const auto file = folder.path() / "times.json";
    ASSERT_TRUE(base::writeFile(file, R"({"lathe_kernels": 1, "machine": "elsewhere", "layers": {
        "lathe::attention bfloat16 masked 2x3x5x4 2x3x4x7 2x3x7x4 2x1x5x7":
            {"aten.attention_parts": 9, "lathe.bfloat16_attention": 3, "onednn.attention": 8},
        "lathe::attention bfloat16 unmasked 6x1x4 6x4x9 6x9x4":
            {"aten.attention_parts": 9, "lathe.bfloat16_attention": 3, "onednn.attention": 8}}})"));
    setenv("LATHE_KERNELS", file.c_str(), 1);
    PlanOptions options;
    options.choosesByTime = true;
    expectWhole({{2, 3, 5, 4}, {2, 3, 7, 4}, {2, 3, 7, 4}, {2, 1, 5, 7}}, false, options, kernel);
    expectWhole({{6, 1, 4}, {6, 9, 4}, {6, 9, 4}}, false, options, kernel);
    setenv("LATHE_KERNELS", "off", 1);
}

} // namespace
} // namespace lathe::runtime::testing
