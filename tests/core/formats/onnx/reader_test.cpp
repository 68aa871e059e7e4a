#include <core/formats/onnx/reader.h>

#include <filesystem>
#include <fstream>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <core/base/files.h>
#include <core/formats/model_file.h>
#include <core/formats/onnx/message_writer.h>
#include <core/formats/onnx/tensor_data.h>
#include <core/graph/layer_weight.h>
#include <core/graph/operators/names.h>
#include <core/runtime/plan_torch.h>
#include <tests/core/formats/onnx/message.h>
#include <tests/support/graphs.h>

namespace lathe::formats {
namespace {

namespace fs = std::filesystem;
using onnx::Message;

fs::path fixture(const std::string& name) { return fs::path(LATHE_SOURCE_DIR) / "tests/data/onnx" / name; }

at::Tensor readTensor(const fs::path& file) {
    const std::string bytes = base::readFile(file).value();
    onnx::ExternalData files(FilesBeside(foldersOf(file)));
    return runtime::toAten(onnx::readTensor(onnx::parseTensor(bytes).value(), files).value()).clone();
}

graph::Graph readFixture(const std::string& name) {
    auto model = readOnnx(fixture(name + ".onnx"));
    EXPECT_TRUE(model) << model.error().text();
    return model ? std::move(model->graph) : graph::Graph{};
}

/// The outputs of a fixture against those of ONNX Runtime.
void expectSameOutputs(const std::string& name, double tolerance) {
    const graph::Graph graph = readFixture(name);
    auto plan = runtime::Plan::compile(graph, {});
    ASSERT_TRUE(plan) << plan.error().text() << graph::text(graph);
    const std::vector<c10::IValue> inputs{readTensor(fixture(name + ".input_0.pb"))};
    const auto outputs = plan->run(inputs);
    ASSERT_TRUE(outputs) << outputs.error().text() << graph::text(graph);
    for (std::size_t index = 0; index < outputs->size(); ++index) {
        const at::Tensor expected = readTensor(fixture(name + ".output_" + std::to_string(index) + ".pb"));
        const at::Tensor actual = (*outputs)[index].toTensor();
        ASSERT_EQ(actual.sizes(), expected.sizes()) << name << " output " << index;
        EXPECT_TRUE(at::allclose(actual, expected, 0, tolerance)) << name << " output " << index;
    }
    EXPECT_FALSE(fs::exists(fixture(name + ".output_" + std::to_string(outputs->size()) + ".pb")));
}

TEST(OnnxReader, ComputesWhatOnnxRuntimeComputes) {
    expectSameOutputs("named", 1e-5);
    expectSameOutputs("padding", 1e-5);
    expectSameOutputs("control_flow", 0);
    expectSameOutputs("quantized", 1e-4);
    expectSameOutputs("encoder", 1e-5);
    expectSameOutputs("sequences", 1e-6);
}

TEST(OnnxReader, OneImageAndManyGoThroughTheSameGraph) {
    const graph::Graph graph = readFixture("named");
    auto plan = runtime::Plan::compile(graph, {});
    ASSERT_TRUE(plan) << plan.error().text();
    for (const std::int64_t batch : {1, 5}) {
        const auto output = plan->runTensor(at::ones({batch, 3, 4, 4}));
        ASSERT_TRUE(output) << output.error().text();
        EXPECT_EQ(output->sizes(), (std::vector<std::int64_t>{batch, 5}));
    }
    EXPECT_EQ(graph.value(graph.main.inputs.front()).shape->front().symbol, "N");
}

TEST(OnnxReader, NodesAreNamedAfterModulesAndWeightsAfterInitializers) {
    const graph::Graph graph = readFixture("named");
    const graph::Node* conv = graph.findNode("layer1.0.conv1");
    ASSERT_TRUE(conv) << graph::text(graph);
    EXPECT_EQ(conv->op, graph::op::conv2d);
    EXPECT_EQ(conv->scope, "layer1.0.conv1");
    EXPECT_EQ(graph.value(conv->operands[1].value()).name, "layer1.0.conv1.weight");
    const graph::Node* relu = graph.findNode("layer1.0.relu");
    ASSERT_TRUE(relu);
    EXPECT_EQ(relu->source, (graph::SourceLocation{"model.py", 12}));
    // MatMul and Add are one layer, whose weight has PyTorch's order.
    const graph::Node* linear = graph.findNode("fc");
    ASSERT_TRUE(linear) << graph::text(graph);
    EXPECT_EQ(linear->op, graph::op::linear);
    EXPECT_EQ(graph.value(linear->operands[1].value()).name, "fc.weight");
    EXPECT_EQ(graph.value(linear->operands[1].value()).data.shape(), (tensor::Shape{5, 16}));
    EXPECT_EQ(graph.value(linear->operands[2].value()).name, "fc.bias");
}

TEST(OnnxReader, LayersAreNamedAfterModulesAndTheirNumberedWeightsToo) {
    using namespace onnx;
    const std::vector<Dimension> shape{{-1, "N"}, {4, ""}};
    const tensor::Tensor square = support::randomTensor({4, 4}, 1);
    const auto initializer = [&](const char* name) { return tensorMessage(name, square, ElementType::Float); };
    const auto matMul = [](const char* name, const char* input, const char* weight, const char* output) {
        return nodeMessage(name, "MatMul", {input, weight}, {output}, {});
    };
    const std::string bytes =
        modelMessage("named", 17,
                     {matMul("/block/fc/MatMul", "x", "onnx::MatMul_9", "a"),
                      nodeMessage("/block/fc/Add", "Add", {"a", "block.fc.bias"}, {"b"}, {}), matMul("/pair/MatMul", "b", "val_10", "c"),
                      matMul("/pair/MatMul_1", "c", "mine", "d"), matMul("/block/MatMul", "d", "onnx::MatMul_11", "y")},
                     {initializer("onnx::MatMul_9"), initializer("onnx::MatMul_11"), initializer("val_10"), initializer("mine"),
                      tensorMessage("block.fc.bias", support::randomTensor({4}, 2), ElementType::Float)},
                     {valueMessage("x", ElementType::Float, &shape)}, {valueMessage("y", ElementType::Float, &shape)});
    const auto model = readOnnx(std::string_view(bytes), "/", "named.onnx");
    ASSERT_TRUE(model) << model.error().text();
    const graph::Graph& graph = model->graph;
    const auto weightOf = [&](const char* layer) {
        const graph::Node* node = graph.findNode(layer);
        return node == nullptr ? "no layer" : graph.value(node->operands[1].value()).name;
    };
    EXPECT_TRUE(graph.findNode("block.fc") && !graph.findNode("block.fc")->operands[2].isNone())
        << "the product and its bias are one layer";
    EXPECT_EQ(weightOf("block.fc"), "block.fc.weight");
    EXPECT_EQ(weightOf("pair"), "pair.weight") << "the first layer of a module";
    EXPECT_EQ(weightOf("pair.mat_mul"), "mine") << "a name that somebody gave stays";
    EXPECT_TRUE(graph.findNode("block.mat_mul")) << "a module that holds others is not one layer";
}

TEST(OnnxReader, OnlyProductsOfThatFormAreDynamicLayers) {
    using namespace onnx;
    const auto to = [](ElementType type) { return integerAttribute("to", static_cast<std::int64_t>(type)); };
    const auto layersOf = [&](ElementType between, const tensor::Shape& scales) {
        const std::vector<Dimension> in{{4, ""}, {3, ""}}, out{{4, ""}, {4, ""}};
        const std::string bytes = modelMessage(
            "dynamic", 17,
            {nodeMessage("quantize", "DynamicQuantizeLinear", {"x"}, {"q", "s", "z"}, {}),
             nodeMessage("product", "MatMulInteger", {"q", "w", "z"}, {"p"}, {}),
             nodeMessage("narrow", "Cast", {"p"}, {"n"}, {to(between)}),
             nodeMessage("float", "Cast", {"n"}, {"f"}, {to(ElementType::Float)}), nodeMessage("scale", "Mul", {"s", "t"}, {"st"}, {}),
             nodeMessage("y", "Mul", {"f", "st"}, {"y"}, {})},
            {tensorMessage("w", tensor::Tensor::of<std::int8_t>({3, 4}, {1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 11, -127}), ElementType::Int8),
             tensorMessage(
                 "t", tensor::Tensor::of<float>(scales, std::vector<float>(static_cast<std::size_t>(tensor::elementCount(scales)), 0.5F)),
                 ElementType::Float)},
            {valueMessage("x", ElementType::Float, &in)}, {valueMessage("y", ElementType::Float, &out)});
        const auto model = readOnnx(std::string_view(bytes), "/", "dynamic.onnx");
        EXPECT_TRUE(model) << model.error().text();
        return model ? std::ranges::count(model->graph.main.nodes, graph::op::linear, &graph::Node::op) : -1;
    };
    EXPECT_EQ(layersOf(ElementType::Int32, {4}), 1);
    EXPECT_EQ(layersOf(ElementType::Int32, {}), 1);
    EXPECT_EQ(layersOf(ElementType::Int8, {4}), 0) << "the product does not fit in what it is cast to";
    EXPECT_EQ(layersOf(ElementType::Int32, {4, 1}), 0) << "scales of rows, not of outputs";
}

TEST(OnnxReader, QdqIsThatOfOurGraphs) {
    const graph::Graph graph = readFixture("quantized");
    const graph::UseIndex uses(graph);
    const auto weight = graph::weightOf(graph, uses, *graph.findNode("conv"));
    ASSERT_TRUE(weight && weight->dequantize) << graph::text(graph);
    EXPECT_EQ(weight->dequantize->op, graph::op::dequantizePerChannel);
    const auto fours = graph::weightOf(graph, uses, *graph.findNode("fc"));
    ASSERT_TRUE(fours && fours->dequantize) << graph::text(graph);
    EXPECT_EQ(fours->dequantize->operands[4].literal<std::int64_t>(), -8);
    EXPECT_EQ(graph.value(fours->weight).data.shape(), (tensor::Shape{3, 16}));
    EXPECT_EQ(graph.value(fours->weight).data.dtype(), tensor::DType::Int8);
}

TEST(OnnxReader, WhatIsUnknownCanBeSeen) {
    const auto opened = openModel(fixture("unknown.onnx"));
    ASSERT_TRUE(opened) << opened.error().text();
    EXPECT_EQ(opened->report.format, "onnx");
    EXPECT_FALSE(opened->report.runs);
    ASSERT_EQ(opened->report.problems.size(), 1U);
    EXPECT_EQ(opened->report.problems[0].op, "onnx::Sharpen");
    EXPECT_EQ(opened->report.problems[0].reason, "The operator Sharpen is of the domain \"com.example\", which Lathe does not know.");
    ASSERT_TRUE(opened->graph.findNode("second"));
    EXPECT_EQ(opened->graph.findNode("second")->op, "onnx::Sharpen");
}

// ---- Models that nobody wrote in good faith.

/// A model of opset 17 around a graph.
std::string modelOf(const Message& graph, std::int64_t ir = 8, std::int64_t opset = 17) {
    return Message().number(1, ir).message(7, graph).message(8, Message().text(1, "").number(2, opset)).bytes();
}

Message nodeOf(const std::string& op, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs) {
    Message node;
    for (const std::string& input : inputs)
        node.text(1, input);
    for (const std::string& output : outputs)
        node.text(2, output);
    return node.text(3, "n").text(4, op);
}

Message floatsOf(const std::string& name, const std::vector<std::int64_t>& dims, const std::string& raw) {
    Message tensor;
    for (const std::int64_t dim : dims)
        tensor.number(1, dim);
    return tensor.number(2, 1).text(8, name).text(9, raw);
}

Message externalOf(const std::vector<std::pair<std::string, std::string>>& entries) {
    Message tensor;
    tensor.number(1, 4).number(2, 1).text(8, "w").number(14, 1);
    for (const auto& [key, value] : entries)
        tensor.message(13, Message().text(1, key).text(2, value));
    return tensor;
}

std::string sentence(const std::string& bytes, const fs::path& folder = ".") {
    const auto model = readOnnx(bytes, folder, "m.onnx");
    return model ? "opened" : model.error().message.text();
}

TEST(OnnxReader, BrokenModelsAreOneSentence) {
    Message many;
    for (int index = 0; index < 1'000'000; ++index)
        many.text(1, "x");
    many.text(2, "y").text(3, "n").text(4, "Sum");
    Message nested = Message().message(1, nodeOf("Relu", {}, {}));
    for (int depth = 0; depth < 10'000; ++depth)
        nested = Message().message(1, Message().text(4, "If").message(5, Message().text(1, "then_branch").message(6, nested)));
    const Message input = Message().text(1, "x");

    const std::vector<std::pair<std::string, std::string>> cases{
        {modelOf(Message(), 99), "\"m.onnx\" is of version 99 of ONNX's file format; 3 to 14 can be read."},
        {modelOf(Message(), 8, 5), "\"m.onnx\" uses operator set 5 of ONNX; 7 to 28 can be read."},
        {Message().number(1, 8).message(7, Message()).bytes(), "\"m.onnx\" does not say which operator set of ONNX it uses."},
        {Message().number(1, 8).bytes(), "\"m.onnx\" is an ONNX file without a graph."},
        {modelOf(Message()).substr(0, 5), "\"m.onnx\" is cut off or damaged: its fields do not add up."},
        {modelOf(Message().message(1, many)), "\"m.onnx\" has a node with more than 65536 inputs or outputs (\"n\", Sum)."},
        {modelOf(nested), "\"m.onnx\" nests graphs deeper than 100 levels."},
        {modelOf(Message().message(1, nodeOf("Relu", {"b"}, {"a"})).message(1, nodeOf("Relu", {"a"}, {"b"}))),
         "\"m.onnx\" uses the value \"b\" where nothing has computed it yet."},
        {modelOf(Message().message(11, input).message(1, nodeOf("Relu", {"x"}, {"a"})).message(1, nodeOf("Relu", {"x"}, {"a"}))),
         "\"m.onnx\" computes the value \"a\" twice."},
        {modelOf(Message().message(11, input).message(11, input)), "\"m.onnx\" has two inputs called \"x\"."},
        {modelOf(Message().message(11, Message())), "\"m.onnx\" has an input without a name."},
        {modelOf(Message().message(1, nodeOf("", {}, {"a"}))), "\"m.onnx\" has a node without an operator."},
        {modelOf(Message().message(5, floatsOf("", {1}, "0000"))), "\"m.onnx\" has an initializer without a name."},
        {modelOf(Message().message(5, floatsOf("w", {1}, "0000")).message(5, floatsOf("w", {1}, "0000"))),
         "\"m.onnx\" has two initializers called \"w\"."},
        {modelOf(Message().message(5, floatsOf("w", {2, 2}, "000000000000"))),
         "\"m.onnx\" cannot be read: the initializer \"w\" has 12 bytes of data where its shape 2x2 needs 16."},
        {modelOf(Message().message(5, floatsOf("w", {std::int64_t{1} << 40, std::int64_t{1} << 40}, "0000"))),
         "\"m.onnx\" cannot be read: the initializer \"w\" has the shape 1099511627776x1099511627776, which has too many elements."},
        {modelOf(Message().message(5, floatsOf("w", {-1}, "0000"))),
         "\"m.onnx\" cannot be read: the initializer \"w\" has the shape -1, which has a negative dimension."},
    };
    for (const auto& [bytes, expected] : cases)
        EXPECT_EQ(sentence(bytes), expected);
}

TEST(OnnxReader, DataInOtherFilesStaysInTheFolder) {
    const base::TemporaryFolder folder;
    const fs::path at = folder.path();
    fs::create_directory(at / "inner");
    fs::create_directory_symlink(at / "inner", at / "linked");
    std::ofstream(at / "good.bin") << "0123456789abcdef";
    std::ofstream(at / "inner" / "good.bin") << "0123456789abcdef";
    std::ofstream(at / "twice.bin") << "0123456789abcdef";
    fs::create_hard_link(at / "twice.bin", at / "again.bin");
    fs::create_symlink(at / "good.bin", at / "link.bin");
    // As people and caches lay them, and as they would be laid by somebody who is after other files.
    fs::create_symlink("linked/../link.bin", at / "chain.bin");
    fs::create_symlink("/etc/passwd", at / "passwd");
    fs::create_symlink("inner/../../../../../../../../etc/passwd", at / "sneaky");
    fs::create_symlink("../" + at.filename().string() + "_other/x", at / "sibling"); // begins with the same letters
    fs::create_directory(at.string() + "_other");
    std::ofstream(at.string() + "_other/x") << "0123456789abcdef";
    fs::create_directory_symlink("/etc", at / "etc");
    fs::create_symlink("self", at / "self");
    fs::create_symlink("gone", at / "dangling");
    fs::create_symlink("twice.bin", at / "to_twice");
    fs::create_symlink("pipe", at / "to_pipe");
    ASSERT_EQ(mkfifo((at / "pipe").c_str(), 0600), 0);

    const std::string start = "\"m.onnx\" cannot be read: the initializer \"w\" ";
    const std::vector<std::pair<std::vector<std::pair<std::string, std::string>>, std::string>> cases{
        {{{"location", "good.bin"}}, "opened"},
        {{{"location", "inner/good.bin"}, {"offset", "0"}, {"length", "16"}}, "opened"},
        {{{"location", "../../etc/passwd"}}, start + "has its data in \"../../etc/passwd\", which is outside the model's folder."},
        {{{"location", "inner/../../x"}}, start + "has its data in \"inner/../../x\", which is outside the model's folder."},
        {{{"location", "/dev/zero"}}, start + "has its data in \"/dev/zero\", which is outside the model's folder."},
        {{{"location", "link.bin"}}, "opened"},
        {{{"location", "linked/good.bin"}}, "opened"},
        {{{"location", "chain.bin"}}, "opened"},
        {{{"location", "passwd"}}, start + "has its data in \"passwd\", which is a link out of the model's folder."},
        {{{"location", "sneaky"}}, start + "has its data in \"sneaky\", which is a link out of the model's folder."},
        {{{"location", "sibling"}}, start + "has its data in \"sibling\", which is a link out of the model's folder."},
        {{{"location", "etc/passwd"}}, start + "has its data in \"etc/passwd\", which is a link out of the model's folder."},
        {{{"location", "self"}}, start + "has its data in \"self\", which is a link that leads nowhere but to itself."},
        {{{"location", "dangling"}}, start + "has its data in \"dangling\", which is a link to a file that does not exist."},
        {{{"location", "linked"}}, start + "has its data in \"linked\", which is not a regular file."},
        {{{"location", "to_twice"}},
         start + "has its data in \"to_twice\", which has another name too (a hard link), perhaps outside the model's folder."},
        {{{"location", "to_pipe"}}, start + "has its data in \"to_pipe\", which is not a regular file."},
        {{{"location", "twice.bin"}},
         start + "has its data in \"twice.bin\", which has another name too (a hard link), perhaps outside the model's folder."},
        {{{"location", "pipe"}}, start + "has its data in \"pipe\", which is not a regular file."},
        {{{"location", "inner"}}, start + "has its data in \"inner\", which is not a regular file."},
        {{{"location", "none.bin"}}, start + "has its data in \"none.bin\", which does not exist."},
        {{{"location", ""}}, start + "has its data in a file without a name."},
        {{{"location", "good.bin"}, {"offset", "-1"}}, start + "has the offset \"-1\" in its file, which is no size."},
        {{{"location", "good.bin"}, {"length", "-4"}}, start + "has the length \"-4\" in its file, which is no size."},
        {{{"location", "good.bin"}, {"offset", "8"}}, start + "has its data in bytes 8 to 8 + 16 of \"good.bin\", which has only 16."},
        {{{"location", "good.bin"}, {"offset", "9223372036854775807"}},
         start + "has its data in bytes 9223372036854775807 to 9223372036854775807 + 16 of \"good.bin\", which has only 16."},
        {{{"location", "good.bin"}, {"length", "4"}}, start + "needs 16 bytes but names 4 in \"good.bin\"."},
        {{{"location", "good.bin"}, {"command", "x"}}, start + "says \"command\" about its file, which is not known."},
    };
    for (const auto& [entries, expected] : cases)
        EXPECT_EQ(sentence(modelOf(Message().message(5, externalOf(entries))), at), expected) << entries.front().second;
    fs::remove_all(at.string() + "_other");
}

/// A cache of a model hub: snapshot/m.onnx and its data are links into blobs/.
TEST(OnnxReader, AModelThatIsALinkHasDataWhereItLeadsToo) {
    const base::TemporaryFolder folder;
    const fs::path at = folder.path();
    for (const char* name : {"blobs", "snapshot", "elsewhere"})
        fs::create_directory(at / name);
    std::ofstream(at / "blobs" / "aa", std::ios::binary) << modelOf(Message().message(5, externalOf({{"location", "m.data"}})));
    std::ofstream(at / "blobs" / "bb") << std::string(16, 'w');
    fs::create_symlink("../blobs/aa", at / "snapshot" / "m.onnx");
    fs::create_symlink("../blobs/bb", at / "snapshot" / "m.data");
    const auto opened = openModel(at / "snapshot" / "m.onnx");
    ASSERT_TRUE(opened) << opened.error().text();
    EXPECT_EQ(opened->graph.name, "m");
    EXPECT_EQ(opened->fileBytes, static_cast<std::int64_t>(fs::file_size(at / "blobs" / "aa")) + 16);
    // Data under its own name beside the file that the link leads to.
    fs::rename(at / "blobs" / "bb", at / "blobs" / "m.data");
    fs::remove(at / "snapshot" / "m.data");
    EXPECT_TRUE(openModel(at / "snapshot" / "m.onnx"));
    // Somewhere else is somewhere else, also for the data of a link.
    fs::rename(at / "blobs" / "m.data", at / "elsewhere" / "m.data");
    fs::create_symlink("../elsewhere/m.data", at / "snapshot" / "m.data");
    const auto refused = openModel(at / "snapshot" / "m.onnx");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message,
              "\"m.onnx\" cannot be read: the initializer \"w\" has its data in \"m.data\", which is a link out of the model's folder.");
}

TEST(OnnxReader, TheSizeOfAModelHoldsTheFilesWithItsWeights) {
    const base::TemporaryFolder folder;
    const fs::path file = folder.path() / "m.onnx";
    std::ofstream(folder.path() / "weights.bin") << std::string(1000, 'w');
    const std::string bytes = modelOf(Message().message(5, externalOf({{"location", "weights.bin"}})));
    std::ofstream(file, std::ios::binary) << bytes;
    const auto opened = openModel(file);
    ASSERT_TRUE(opened) << opened.error().text();
    EXPECT_EQ(opened->fileBytes, static_cast<std::int64_t>(bytes.size()) + 1000);
}

TEST(OnnxReader, TheHashOfAModelChangesWithItsWeightsInOtherFiles) {
    const base::TemporaryFolder folder;
    const fs::path file = folder.path() / "m.onnx";
    const auto hashWith = [&](const std::string& weights) {
        std::ofstream(folder.path() / "weights.bin") << weights;
        const auto opened = openModel(file);
        EXPECT_TRUE(opened) << (opened ? "" : opened.error().text());
        return opened ? opened->sha256 : "";
    };
    std::ofstream(file, std::ios::binary) << modelOf(Message().message(5, externalOf({{"location", "weights.bin"}})));
    const std::string first = hashWith(std::string(16, 'w'));
    EXPECT_EQ(first.size(), 64u);
    EXPECT_NE(hashWith(std::string(15, 'w') + "v"), first);
    EXPECT_EQ(hashWith(std::string(16, 'w')), first);
    // All in one file: the hash of the file, as in histories that there are.
    std::ofstream(file, std::ios::binary) << modelOf(Message());
    EXPECT_EQ(hashWith({}), *base::sha256OfFile(file));
}

TEST(OnnxReader, LargerThanProtobufIsRefused) {
    const base::TemporaryFolder folder;
    const fs::path file = folder.path() / "m.onnx";
    std::ofstream(file) << modelOf(Message());
    fs::resize_file(file, std::uintmax_t{1} << 31); // holes take no room
    const auto model = readOnnx(file);
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().message,
              "\"m.onnx\" is larger than 2 GiB, which no ONNX file can be; keep the weights in a file of their own.");
}

} // namespace
} // namespace lathe::formats
