// Operators of ONNX that become several of ours, compared with loops over their definition.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/formats/onnx/reader.h>
#include <core/graph/graph.h>
#include <core/runtime/plan_torch.h>
#include <tests/core/formats/onnx/message.h>

namespace lathe::formats {
namespace {

namespace fs = std::filesystem;
using onnx::Message;

constexpr int floatType = 1, int32Type = 6, longType = 7;

struct Input {
    std::string name;
    int type;
    std::vector<std::int64_t> shape; ///< -1: the dimension is named after the input
    bool hasUnknownRank = false;
};

Message typeOf(const Input& input) {
    Message shape;
    for (const std::int64_t size : input.shape)
        shape.message(1, size < 0 ? Message().text(2, input.name + "_size") : Message().number(1, size));
    Message type;
    type.number(1, input.type);
    if (!input.hasUnknownRank) type.message(2, shape);
    return Message().message(1, type);
}

Message integerAttribute(const std::string& name, std::int64_t value) { return Message().text(1, name).number(3, value).number(20, 2); }
Message textAttribute(const std::string& name, const std::string& value) { return Message().text(1, name).text(4, value).number(20, 3); }

/// A model of one node. All inputs of it are inputs of the model, "" for one that is left out; its outputs are those of the model.
class OnnxLowering : public testing::Test {
protected:
    void write(const std::string& op, const std::vector<Input>& inputs, std::size_t outputs, const std::vector<Message>& attributes,
               std::int64_t opset = 23) {
        Message node, graph;
        for (const Input& input : inputs)
            node.text(1, input.name);
        for (std::size_t index = 0; index < outputs; ++index)
            node.text(2, "y" + std::to_string(index));
        node.text(3, "node").text(4, op).text(7, m_domain);
        for (const Message& attribute : attributes)
            node.message(5, attribute);
        graph.message(1, node).text(2, "graph");
        for (const Input& input : inputs) {
            if (!input.name.empty()) graph.message(11, Message().text(1, input.name).message(2, typeOf(input)));
        }
        for (std::size_t index = 0; index < outputs; ++index)
            graph.message(12,
                          Message().text(1, "y" + std::to_string(index)).message(2, Message().message(1, Message().number(1, floatType))));
        const Message model = Message().number(1, 10).message(8, Message().number(2, opset)).message(7, graph);
        std::ofstream(file(), std::ios::binary) << model.bytes();
    }

    std::vector<at::Tensor> run(const std::vector<at::Tensor>& values) {
        const auto model = readOnnx(file());
        EXPECT_TRUE(model) << model.error().text();
        if (!model) return {};
        for (const ImportProblem& problem : model->problems)
            ADD_FAILURE() << problem.reason;
        auto plan = runtime::Plan::compile(model->graph, {});
        EXPECT_TRUE(plan) << plan.error().text() << graph::text(model->graph);
        if (!plan) return {};
        const auto outputs = plan->run(std::vector<c10::IValue>(values.begin(), values.end()));
        EXPECT_TRUE(outputs) << outputs.error().text() << graph::text(model->graph);
        std::vector<at::Tensor> tensors;
        for (const c10::IValue& output : outputs ? *outputs : std::vector<c10::IValue>{})
            tensors.push_back(output.toTensor());
        return tensors;
    }

    std::string problem() {
        const auto model = readOnnx(file());
        return !model ? model.error().text() : model->problems.empty() ? "" : model->problems.front().reason;
    }

    fs::path file() const { return m_folder.path() / "model.onnx"; }
    base::TemporaryFolder m_folder;
    std::string m_domain; ///< of the node
};

at::Tensor numbers(const std::vector<std::int64_t>& shape, std::uint64_t seed) {
    at::Tensor result = at::empty(shape);
    std::uint64_t state = seed * 2654435761U + 12345;
    for (std::int64_t index = 0; index < result.numel(); ++index) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        result.data_ptr<float>()[index] = static_cast<float>(static_cast<double>(state >> 40) / (1 << 23) - 1);
    }
    return result;
}

/// One query, key and value head after the other; `sees` says whether query i sees key j.
template<class Sees>
at::Tensor slowAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, double softcap, Sees sees) {
    at::Tensor y = at::zeros({q.size(0), q.size(1), q.size(2), v.size(3)});
    const std::int64_t share = q.size(1) / k.size(1);
    for (std::int64_t b = 0; b < q.size(0); ++b)
        for (std::int64_t h = 0; h < q.size(1); ++h)
            for (std::int64_t i = 0; i < q.size(2); ++i) {
                std::vector<double> weights;
                double total = 0;
                for (std::int64_t j = 0; j < k.size(2); ++j) {
                    double score = (q[b][h][i] * k[b][h / share][j]).sum().item<double>() / std::sqrt(static_cast<double>(q.size(3)));
                    if (softcap > 0) score = std::tanh(score / softcap) * softcap;
                    weights.push_back(sees(b, i, j) ? std::exp(score) : 0);
                    total += weights.back();
                }
                for (std::int64_t j = 0; total > 0 && j < k.size(2); ++j)
                    y[b][h][i] += v[b][h / share][j] * (weights[static_cast<std::size_t>(j)] / total);
            }
    return y;
}

TEST_F(OnnxLowering, AttentionSharesKeysAmongHeads) {
    write("Attention", {{"q", floatType, {2, 4, 3, 8}}, {"k", floatType, {2, 2, 5, 8}}, {"v", floatType, {2, 2, 5, 6}}}, 1, {});
    const auto q = numbers({2, 4, 3, 8}, 1), k = numbers({2, 2, 5, 8}, 2), v = numbers({2, 2, 5, 6}, 3);
    const auto y = run({q, k, v});
    ASSERT_EQ(y.size(), 1U);
    EXPECT_TRUE(at::allclose(y[0], slowAttention(q, k, v, 0, [](auto...) { return true; }), 1e-4, 1e-5));
}

TEST_F(OnnxLowering, AttentionWithCapAndCausalMask) {
    const std::vector<Message> attributes{integerAttribute("is_causal", 1), Message().text(1, "softcap").real(2, 0.5F).number(20, 1)};
    write("Attention", {{"q", floatType, {1, 2, 3, 4}}, {"k", floatType, {1, 2, 3, 4}}, {"v", floatType, {1, 2, 3, 4}}}, 1, attributes);
    const auto q = numbers({1, 2, 3, 4}, 1), k = numbers({1, 2, 3, 4}, 2), v = numbers({1, 2, 3, 4}, 3);
    const auto y = run({q, k, v});
    ASSERT_EQ(y.size(), 1U);
    EXPECT_TRUE(at::allclose(y[0], slowAttention(q, k, v, 0.5, [](auto, auto i, auto j) { return j <= i; }), 1e-4, 1e-5));
}

TEST_F(OnnxLowering, AQueryThatSeesNoKeyGivesZero) {
    write("Attention",
          {{"q", floatType, {2, 1, 2, 4}},
           {"k", floatType, {2, 1, 3, 4}},
           {"v", floatType, {2, 1, 3, 4}},
           {"", 0, {}},
           {"", 0, {}},
           {"", 0, {}},
           {"lengths", longType, {2}}},
          1, {}, 24);
    const auto q = numbers({2, 1, 2, 4}, 1), k = numbers({2, 1, 3, 4}, 2), v = numbers({2, 1, 3, 4}, 3);
    const std::vector<std::int64_t> lengths{2, 0};
    const auto y = run({q, k, v, at::tensor(lengths)});
    ASSERT_EQ(y.size(), 1U);
    EXPECT_TRUE(at::allclose(
        y[0], slowAttention(q, k, v, 0, [&](auto b, auto, auto j) { return j < lengths[static_cast<std::size_t>(b)]; }), 1e-4, 1e-5));
    EXPECT_EQ(y[0][1].abs().max().item<float>(), 0);
}

TEST_F(OnnxLowering, ElementsAlongAnAxisOfAnUnknownRank) {
    const Input x{"x", floatType, {}, true}, places{"places", longType, {}, true};
    const at::Tensor values = numbers({2, 3, 4}, 3), index = at::tensor(std::vector<std::int64_t>{3, -1, 0, 1, 2, -4}).reshape({2, 3, 1});
    for (const std::int64_t axis : {-1, 2}) {
        write("GatherElements", {x, places}, 1, {integerAttribute("axis", axis)});
        const auto y = run({values, index});
        ASSERT_EQ(y.size(), 1U);
        EXPECT_TRUE(at::equal(y[0], values.gather(2, index.remainder(4)))) << axis;
    }
    write("ScatterElements", {x, places, {"updates", floatType, {}, true}}, 1, {integerAttribute("axis", -1)});
    const auto scattered = run({values, index, at::full({2, 3, 1}, 9.0F)});
    ASSERT_EQ(scattered.size(), 1U);
    EXPECT_TRUE(at::equal(scattered[0], values.scatter(2, index.remainder(4), 9.0)));
    for (const std::int64_t axis : {-1, -2}) {
        write("Flatten", {x}, 1, {integerAttribute("axis", axis)});
        const auto y = run({values});
        ASSERT_EQ(y.size(), 1U);
        EXPECT_TRUE(at::equal(y[0], values.reshape({-1, axis == -1 ? 4 : 12}))) << axis;
    }
}

TEST_F(OnnxLowering, OneHotOfAnUnknownRank) {
    const at::Tensor indices = at::tensor(std::vector<std::int64_t>{0, 2, -1, 5, 1, -3}).reshape({2, 3});
    for (const std::int64_t axis : {-1, -2, -3, 0, 1, 2}) {
        write("OneHot", {{"indices", longType, {}, true}, {"depth", longType, {}}, {"values", floatType, {2}}}, 1,
              {integerAttribute("axis", axis)});
        const auto y = run({indices, at::scalar_tensor(3, at::kLong), at::tensor(std::vector<float>{0.5F, 7})});
        ASSERT_EQ(y.size(), 1U);
        const std::int64_t position = axis < 0 ? axis + 3 : axis;
        at::Tensor expected = at::full({2, 3, 3}, 0.5F); // the places last
        for (std::int64_t row = 0; row < 2; ++row)
            for (std::int64_t column = 0; column < 3; ++column) {
                const auto place = indices[row][column].item<std::int64_t>();
                if (place >= -3 && place < 3) expected[row][column][place < 0 ? place + 3 : place] = 7;
            }
        expected = expected.movedim(2, position);
        EXPECT_TRUE(at::equal(y[0], expected)) << "axis " << axis << y[0];
    }
}

TEST_F(OnnxLowering, ResizeByScalesThatAreComputed) {
    const Input x{"x", floatType, {1, 2, 4, -1}};
    write("Resize", {x, {"", 0, {}}, {"scales", floatType, {4}}}, 1, {textAttribute("mode", "linear")});
    const at::Tensor image = numbers({1, 2, 4, 5}, 4);
    const auto y = run({image, at::tensor(std::vector<float>{1, 1, 2, 1.5F})});
    ASSERT_EQ(y.size(), 1U);
    ASSERT_EQ(y[0].sizes(), (std::vector<std::int64_t>{1, 2, 8, 7}));
    const auto along = [](std::int64_t out, double scale, std::int64_t in) {
        const double at = std::min(std::max((static_cast<double>(out) + 0.5) / scale - 0.5, 0.0), static_cast<double>(in - 1));
        const auto low = std::min(static_cast<std::int64_t>(at), in - 1);
        return std::tuple(low, std::min(low + 1, in - 1), at - static_cast<double>(low));
    };
    for (std::int64_t c = 0; c < 2; ++c)
        for (std::int64_t row = 0; row < 8; ++row)
            for (std::int64_t column = 0; column < 7; ++column) {
                const auto [top, bottom, down] = along(row, 2, 4);
                const auto [left, right, aside] = along(column, 1.5, 5);
                const auto pixel = [&](std::int64_t r, std::int64_t s) { return image[0][c][r][s].item<double>(); };
                const double expected = (pixel(top, left) * (1 - aside) + pixel(top, right) * aside) * (1 - down) +
                                        (pixel(bottom, left) * (1 - aside) + pixel(bottom, right) * aside) * down;
                EXPECT_NEAR(y[0][0][c][row][column].item<double>(), expected, 1e-5) << row << ", " << column;
            }
}

/// As PyTorch's exporter writes an upsampling by sizes when the batch is dynamic: it stays one operator.
TEST_F(OnnxLowering, ResizeBySizesOfADynamicBatchIsOneOperator) {
    Message shapeNode, resizeNode, graph;
    shapeNode.text(1, "x").text(2, "shape").text(3, "shape").text(4, "Shape").message(5, integerAttribute("end", 2));
    const Message join = Message()
                             .text(1, "shape")
                             .text(1, "sizes")
                             .text(2, "all")
                             .text(3, "join")
                             .text(4, "Concat")
                             .message(5, integerAttribute("axis", 0));
    resizeNode.text(1, "x").text(1, "").text(1, "").text(1, "all").text(2, "y").text(3, "resize").text(4, "Resize");
    resizeNode.message(5, textAttribute("mode", "nearest")).message(5, textAttribute("coordinate_transformation_mode", "asymmetric"));
    resizeNode.message(5, textAttribute("nearest_mode", "floor"));
    const Message sizes = Message().number(1, 2).number(2, longType).number(7, 6).number(7, 8).text(8, "sizes");
    graph.message(1, shapeNode).message(1, join).message(1, resizeNode).text(2, "graph").message(5, sizes);
    graph.message(11, Message().text(1, "x").message(2, typeOf({"x", floatType, {-1, 2, 3, 4}})));
    graph.message(12, Message().text(1, "y").message(2, typeOf({"y", floatType, {-1, 2, 6, 8}})));
    std::ofstream(file(), std::ios::binary) << Message().number(1, 10).message(8, Message().number(2, 18)).message(7, graph).bytes();
    const auto model = readOnnx(file());
    ASSERT_TRUE(model) << model.error().text();
    EXPECT_TRUE(model->problems.empty());
    const graph::Node* resize = model->graph.findNode("resize");
    ASSERT_TRUE(resize) << graph::text(model->graph);
    EXPECT_EQ(resize->op, "aten::upsample_nearest2d.vec") << graph::text(model->graph);
    const at::Tensor x = numbers({3, 2, 3, 4}, 5);
    const auto y = run({x});
    ASSERT_EQ(y.size(), 1U);
    EXPECT_TRUE(at::equal(y[0], x.repeat_interleave(2, 2).repeat_interleave(2, 3)));
}

TEST_F(OnnxLowering, SliceByNumbersThatAreComputed) {
    write("Slice",
          {{"x", floatType, {6, 3}}, {"starts", longType, {1}}, {"ends", longType, {1}}, {"axes", longType, {1}}, {"steps", longType, {1}}},
          1, {});
    const at::Tensor x = numbers({6, 3}, 6);
    struct Case {
        std::int64_t start, end, axis, step;
        std::vector<std::int64_t> rows;
    };
    for (const Case& each :
         {Case{1, 5, 0, 2, {1, 3}}, Case{-1, -100, 0, -2, {5, 3, 1}}, Case{4, 100, 0, 1, {4, 5}}, Case{3, 1, 0, 1, {}}}) {
        const auto one = [](std::int64_t value) { return at::tensor(std::vector<std::int64_t>{value}); };
        const auto y = run({x, one(each.start), one(each.end), one(each.axis), one(each.step)});
        ASSERT_EQ(y.size(), 1U);
        EXPECT_TRUE(at::equal(y[0], x.index_select(0, at::tensor(each.rows, at::kLong)))) << each.start << " to " << each.end;
    }
}

/// i, o, f, c one after the other, as ONNX has them.
TEST_F(OnnxLowering, LstmInBothDirections) {
    const std::int64_t length = 4, batch = 2, features = 3, hidden = 5;
    write("LSTM",
          {{"x", floatType, {length, batch, features}},
           {"w", floatType, {2, 4 * hidden, features}},
           {"r", floatType, {2, 4 * hidden, hidden}},
           {"b", floatType, {2, 8 * hidden}}},
          3, {integerAttribute("hidden_size", hidden), textAttribute("direction", "bidirectional")});
    const auto x = numbers({length, batch, features}, 1), w = numbers({2, 4 * hidden, features}, 2),
               r = numbers({2, 4 * hidden, hidden}, 3), b = numbers({2, 8 * hidden}, 4);
    const auto y = run({x, w, r, b});
    ASSERT_EQ(y.size(), 3U);
    at::Tensor expected = at::zeros({length, 2, batch, hidden});
    for (std::int64_t direction = 0; direction < 2; ++direction) {
        at::Tensor h = at::zeros({batch, hidden}), c = at::zeros({batch, hidden});
        for (std::int64_t step = 0; step < length; ++step) {
            const std::int64_t time = direction == 0 ? step : length - 1 - step;
            const at::Tensor gates = at::matmul(x[time], w[direction].t()) + at::matmul(h, r[direction].t()) +
                                     b[direction].slice(0, 0, 4 * hidden) + b[direction].slice(0, 4 * hidden);
            const auto gate = [&](std::int64_t at) { return gates.slice(1, at * hidden, (at + 1) * hidden); };
            c = at::sigmoid(gate(2)) * c + at::sigmoid(gate(0)) * at::tanh(gate(3));
            h = at::sigmoid(gate(1)) * at::tanh(c);
            expected[time][direction].copy_(h);
        }
        EXPECT_TRUE(at::allclose(y[1][direction], h, 1e-4, 1e-5));
        EXPECT_TRUE(at::allclose(y[2][direction], c, 1e-4, 1e-5));
    }
    EXPECT_TRUE(at::allclose(y[0], expected, 1e-4, 1e-5));
}

TEST_F(OnnxLowering, FourierTransformOfARealSignal) {
    write("DFT", {{"x", floatType, {1, 6, 1}}}, 1, {integerAttribute("onesided", 1)}, 20);
    const at::Tensor x = numbers({1, 6, 1}, 7);
    const auto y = run({x});
    ASSERT_EQ(y.size(), 1U);
    ASSERT_EQ(y[0].sizes(), (std::vector<std::int64_t>{1, 4, 2}));
    for (std::int64_t k = 0; k < 4; ++k) {
        double real = 0, imaginary = 0;
        for (std::int64_t n = 0; n < 6; ++n) {
            const double angle = -2 * 3.14159265358979323846 * static_cast<double>(k * n) / 6;
            real += x[0][n][0].item<double>() * std::cos(angle);
            imaginary += x[0][n][0].item<double>() * std::sin(angle);
        }
        EXPECT_NEAR(y[0][0][k][0].item<double>(), real, 1e-5);
        EXPECT_NEAR(y[0][0][k][1].item<double>(), imaginary, 1e-5);
    }
}

TEST_F(OnnxLowering, WhatIsNotKnownIsSaid) {
    const Input x{"x", floatType, {4, 2, 3}};
    write("RNN", {x, {"w", floatType, {1, 5, 3}}, {"r", floatType, {1, 5, 5}}}, 1, {});
    EXPECT_EQ(problem(), "The operator RNN does not say how many hidden values it has.");
    write("Attention", {{"q", floatType, {1, 3, 2, 4}}, {"k", floatType, {1, 2, 2, 4}}, {"v", floatType, {1, 2, 2, 4}}}, 1, {});
    EXPECT_EQ(problem(), "How many heads Attention has is not known, or those of the queries are no multiple of those of the keys.");
}

TEST_F(OnnxLowering, ShapesThatCannotBeAreRefused) {
    write("DFT", {{"x", floatType, {}}}, 1, {}, 20);
    EXPECT_EQ(problem(), "DFT needs an input whose last dimension is known to be 1 or 2.");
    const Message axes = Message().text(1, "axes").number(8, 0).number(20, 7);
    write("Resize", {{"x", floatType, {}}, {"", 0, {}}, {"", 0, {}}, {"sizes", longType, {1}}}, 1, {axes});
    EXPECT_EQ(problem(), "The inputs or attributes of Resize do not fit together.");
    write("RotaryEmbedding", {{"x", floatType, {1, 2, 3, 4}}, {"c", floatType, {}}, {"s", floatType, {}}}, 1, {});
    EXPECT_EQ(problem(), "An input of RotaryEmbedding has too few dimensions.");
    const Input w{"w", floatType, {1, 5, 3}}, r{"r", floatType, {1, 5, 5}};
    write("RNN", {{"x", floatType, {4, 2, 3}}, w, r}, 1, {integerAttribute("hidden_size", std::int64_t{1} << 62)});
    EXPECT_EQ(problem(), "The operator RNN has too many hidden values.");
}

/// Forward, with the reset before the product; each sequence of its own length. Returns all steps and the last state.
std::pair<at::Tensor, at::Tensor> slowGru(const at::Tensor& x, const at::Tensor& w, const at::Tensor& r, const at::Tensor& b,
                                          const std::vector<std::int64_t>& lengths) {
    const std::int64_t size = r.size(2);
    at::Tensor y = at::zeros({x.size(0), 1, x.size(1), size}), h = at::zeros({1, x.size(1), size});
    const auto gate = [&](const at::Tensor& matrix, std::int64_t index) { return matrix[0].slice(0, index * size, (index + 1) * size); };
    for (std::int64_t sequence = 0; sequence < x.size(1); ++sequence) {
        for (std::int64_t at = 0; at < lengths[static_cast<std::size_t>(sequence)]; ++at) {
            const at::Tensor in = x[at][sequence], before = h[0][sequence].clone();
            const auto sum = [&](std::int64_t index, const at::Tensor& state) {
                return at::mv(gate(w, index), in) + gate(b, index) + at::mv(gate(r, index), state) + gate(b, index + 3);
            };
            const at::Tensor update = at::sigmoid(sum(0, before)), reset = at::sigmoid(sum(1, before));
            const at::Tensor next = (1 - update) * at::tanh(sum(2, reset * before)) + update * before;
            h[0][sequence] = next;
            y[at][0][sequence] = next;
        }
    }
    return {y, h};
}

/// Written out where the number of steps is known, in a loop where it is not or is large.
TEST_F(OnnxLowering, RecurrentLayersStepByStep) {
    for (const std::int64_t steps : {4, 70}) {
        const auto x = numbers({steps, 3, 5}, 1), w = numbers({1, 6, 5}, 2), r = numbers({1, 6, 2}, 3), b = numbers({1, 12}, 4);
        const auto [y, h] = slowGru(x, w, r, b, {steps, 2, 3});
        for (const std::int64_t known : {steps, std::int64_t{-1}}) {
            write("GRU",
                  {{"x", floatType, {known, 3, 5}},
                   {"w", floatType, {1, 6, 5}},
                   {"r", floatType, {1, 6, 2}},
                   {"b", floatType, {1, 12}},
                   {"lengths", int32Type, {3}}},
                  2, {integerAttribute("hidden_size", 2)});
            const auto results = run({x, w, r, b, at::tensor(std::vector<int>{static_cast<int>(steps), 2, 3}, at::kInt)});
            ASSERT_EQ(results.size(), 2U);
            EXPECT_TRUE(at::allclose(results[0], y, 1e-4, 1e-5)) << steps << " " << known;
            EXPECT_TRUE(at::allclose(results[1], h, 1e-4, 1e-5)) << steps << " " << known;
        }
    }
    write("GRU", {{"x", floatType, {4, 3, 5}}, {"w", floatType, {1, 6, 5}}, {"r", floatType, {1, 6, 2}}}, 1,
          {integerAttribute("hidden_size", 2), Message().text(1, "activations").text(9, "Sigmoid").text(9, "Wavy").number(20, 8)});
    EXPECT_EQ(problem(), "GRU with the activation Wavy is not known.");
}

TEST_F(OnnxLowering, SplitsASizeThatIsFree) {
    write("Split", {{"x", floatType, {-1, 2}}}, 3, {});
    for (const std::int64_t size : {6, 7, 8}) {
        const auto x = numbers({size, 2}, 1);
        const auto parts = run({x});
        ASSERT_EQ(parts.size(), 3U);
        const std::int64_t part = (size + 2) / 3;
        EXPECT_TRUE(at::equal(parts[0], x.slice(0, 0, part)));
        EXPECT_TRUE(at::equal(parts[1], x.slice(0, part, 2 * part)));
        EXPECT_TRUE(at::equal(parts[2], x.slice(0, 2 * part))) << size;
    }
}

/// What ONNX Runtime writes of its own is lowered as nodes of the standard.
TEST_F(OnnxLowering, OperatorsOfOnnxRuntime) {
    m_domain = "com.microsoft";
    const auto x = numbers({2, 3, 8}, 1), skip = numbers({2, 3, 8}, 2), scale = numbers({8}, 3), shift = numbers({8}, 4);
    write("SkipLayerNormalization",
          {{"x", floatType, {2, 3, 8}}, {"skip", floatType, {2, 3, 8}}, {"g", floatType, {8}}, {"b", floatType, {8}}}, 1, {});
    const auto normal = run({x, skip, scale, shift});
    ASSERT_EQ(normal.size(), 1U);
    EXPECT_TRUE(at::allclose(normal[0], at::layer_norm(x + skip, {8}, scale, shift, 1e-12), 1e-4, 1e-5));

    write("FusedMatMul", {{"x", floatType, {2, 3, 8}}, {"y", floatType, {2, 3, 8}}}, 1, {integerAttribute("transB", 1)});
    EXPECT_TRUE(at::allclose(run({x, skip}).at(0), at::matmul(x, skip.transpose(1, 2)), 1e-4, 1e-5));

    constexpr int byteType = 2;
    write("QLinearAdd",
          {{"a", byteType, {4}},
           {"as", floatType, {}},
           {"az", byteType, {}},
           {"b", byteType, {4}},
           {"bs", floatType, {}},
           {"bz", byteType, {}},
           {"cs", floatType, {}},
           {"cz", byteType, {}}},
          1, {});
    const auto byte = [](int value) { return at::scalar_tensor(value, at::kByte); };
    const auto sum = run({at::tensor({1, 50, 200, 255}, at::kByte), at::scalar_tensor(0.1), byte(100),
                          at::tensor({0, 7, 30, 255}, at::kByte), at::scalar_tensor(0.2), byte(10), at::scalar_tensor(0.5), byte(3)});
    ASSERT_EQ(sum.size(), 1U);
    // (1 - 100) · 0.1 + (0 - 10) · 0.2 = -11.9, at 0.5 a step from 3: below 0; -5.6; 14; 64.5
    EXPECT_TRUE(at::equal(sum[0].to(at::kInt), at::tensor({0, 0, 31, 132}, at::kInt))) << sum[0];

    // 3 rows of 40 numbers in blocks of 16: the last block is not whole, a row has an odd number of zero points.
    std::vector<int> bytes, zeros;
    for (int i = 0; i < 3 * 3 * 8; ++i)
        bytes.push_back(i * 37 % 256);
    for (int i = 0; i < 3 * 2; ++i)
        zeros.push_back(i * 91 % 256);
    const auto a = numbers({2, 40}, 5), scales = numbers({9}, 6);
    at::Tensor weight = at::zeros({3, 40});
    for (int row = 0; row < 3; ++row)
        for (int at = 0; at < 40; ++at) {
            const int block = at / 16, byteAt = bytes[static_cast<std::size_t>((row * 48 + at) / 2)];
            const int zeroAt = zeros[static_cast<std::size_t>(row * 2 + block / 2)];
            const int value = at % 2 == 0 ? byteAt % 16 : byteAt / 16, zero = block % 2 == 0 ? zeroAt % 16 : zeroAt / 16;
            weight[row][at] = static_cast<float>(value - zero) * scales[row * 3 + block].item<float>();
        }
    write("MatMulNBits", {{"a", floatType, {2, 40}}, {"b", byteType, {3, 3, 8}}, {"s", floatType, {9}}, {"z", byteType, {6}}}, 1,
          {integerAttribute("K", 40), integerAttribute("N", 3), integerAttribute("bits", 4), integerAttribute("block_size", 16)});
    const auto product = run({a, at::tensor(bytes, at::kByte).reshape({3, 3, 8}), scales, at::tensor(zeros, at::kByte)});
    ASSERT_EQ(product.size(), 1U);
    EXPECT_TRUE(at::allclose(product[0], at::matmul(a, weight.t()), 1e-4, 1e-4));

    write("FusedConv", {{"x", floatType, {1, 1, 4, 4}}, {"w", floatType, {1, 1, 3, 3}}}, 1, {textAttribute("activation", "Wavy")});
    EXPECT_EQ(problem(), "The activation \"Wavy\" of FusedConv is not known.");
    write("Wavy", {{"x", floatType, {2}}}, 1, {});
    EXPECT_EQ(problem(), "The operator Wavy is of the domain \"com.microsoft\", which Lathe does not know.");
}

TEST_F(OnnxLowering, ReshapeTakesTheSizeOfItsInputForAZeroThatIsComputed) {
    const auto x = numbers({2, 3, 4}, 1);
    for (const std::vector<std::int64_t>& shape : {std::vector<std::int64_t>{0, -1}, {0, 0, 2, 2}, {4, 0, 2}, {-1}}) {
        write("Reshape", {{"x", floatType, {-1, 3, 4}}, {"s", longType, {-1}}}, 1, {});
        std::vector<std::int64_t> expected = shape;
        for (std::size_t axis = 0; axis < shape.size(); ++axis)
            expected[axis] = shape[axis] == 0 ? x.size(static_cast<std::int64_t>(axis)) : shape[axis];
        const auto y = run({x, at::tensor(shape, at::kLong)});
        ASSERT_EQ(y.size(), 1U);
        EXPECT_TRUE(at::equal(y[0], x.reshape(expected))) << at::IntArrayRef(shape);
    }
}

TEST_F(OnnxLowering, AxesFromBehindNeedNoRank) {
    const auto x = numbers({2, 5, 4}, 1);
    const Input unknown{"x", floatType, {}, true};
    const auto list = [](const std::string& name, std::int64_t value) { return Message().text(1, name).number(8, value).number(20, 7); };
    write("Slice", {unknown}, 1, {list("starts", 1), list("ends", -1), list("axes", -2)}, 9);
    EXPECT_TRUE(at::equal(run({x}).at(0), x.slice(1, 1, 4)));
    write("Slice", {unknown, {"from", longType, {1}}, {"to", longType, {1}}, {"axes", longType, {1}}}, 1, {});
    EXPECT_TRUE(
        at::equal(run({x, at::tensor({1}, at::kLong), at::tensor({3}, at::kLong), at::tensor({-1}, at::kLong)}).at(0), x.slice(2, 1, 3)));
    write("Split", {unknown}, 2, {integerAttribute("axis", -1)}, 11);
    const auto parts = run({x});
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_TRUE(at::equal(parts[1], x.slice(2, 2, 4)));
    write("Gather", {unknown, {"i", longType, {2}}}, 1, {integerAttribute("axis", -1)});
    EXPECT_TRUE(at::equal(run({x, at::tensor({-1, 0}, at::kLong)}).at(0), at::stack({x.select(2, 3), x.select(2, 0)}, 2)));
}

TEST_F(OnnxLowering, FramesOfASignalAreTransformed) {
    const auto x = numbers({2, 32, 1}, 1), window = numbers({8}, 2);
    write("STFT", {{"x", floatType, {2, -1, 1}}, {"step", longType, {}}, {"window", floatType, {8}}}, 1, {});
    const auto y = run({x, at::scalar_tensor(3, at::kLong), window});
    ASSERT_EQ(y.size(), 1U);
    ASSERT_EQ(y[0].sizes(), at::IntArrayRef({2, 9, 5, 2}));
    for (const std::int64_t frame : {0, 8})
        for (std::int64_t bin = 0; bin < 5; ++bin) {
            double real = 0, imaginary = 0;
            for (std::int64_t n = 0; n < 8; ++n) {
                const double angle = -2 * 3.14159265358979323846 * static_cast<double>(bin * n) / 8;
                const double value = x[1][frame * 3 + n][0].item<double>() * window[n].item<double>();
                real += value * std::cos(angle);
                imaginary += value * std::sin(angle);
            }
            EXPECT_NEAR(y[0][1][frame][bin][0].item<double>(), real, 1e-5);
            EXPECT_NEAR(y[0][1][frame][bin][1].item<double>(), imaginary, 1e-5);
        }
    write("STFT", {{"x", floatType, {2, 32, -1}}, {"step", longType, {}}, {"window", floatType, {8}}}, 1, {});
    EXPECT_EQ(problem(), "STFT needs a signal whose last dimension is known to be 1 or 2.");
}

} // namespace
} // namespace lathe::formats
