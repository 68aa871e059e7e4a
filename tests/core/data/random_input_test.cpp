#include <core/data/random_input.h>

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include <core/data/model_fit.h>
#include <tests/support/graphs.h>

namespace lathe::data {
namespace {

using graph::Dim;
using tensor::DType;

/// tokens[batch, seq] (looked up in 20 rows through a view), mask[batch, seq], image[batch, 3, side, side].
graph::Graph threeInputs() {
    graph::Graph graph;
    graph.name = "three";
    const auto add = [&](const char* name, DType dtype, std::vector<Dim> shape) {
        const auto id = graph.addInput(name);
        graph.value(id).dtype = dtype;
        graph.value(id).shape = std::move(shape);
        return id;
    };
    const auto tokens = add("tokens", DType::Int64, {{-1, "batch"}, {-1, "seq"}});
    add("mask", DType::Int64, {{-1, "batch"}, {-1, "seq"}});
    const auto image = add("image", DType::Float32, {{-1, "batch"}, {3, ""}, {-1, ""}, {-1, ""}});
    const auto table = graph.addWeight("table.weight", support::randomTensor({20, 4}, 1));
    const auto flat = graph.addNode("aten::reshape", "flat", {tokens, support::ints({-1})}).results[0];
    graph.addNode("aten::embedding", "table", {table, flat, support::number(-1), graph::Literal(false), graph::Literal(false)});
    graph.main.outputs = {image};
    return graph;
}

std::string errorOf(const std::string& specification, const graph::Graph& graph) {
    const auto dataset = openFor(graph, specification);
    return dataset ? "accepted" : dataset.error().message.text();
}

TEST(RandomInput, IsMadeForTheInputsOfTheModel) {
    const auto dataset = openFor(threeInputs(), "random:seq=7,image.2=32,image.3=48,samples=5");
    ASSERT_TRUE(dataset) << dataset.error().text();
    EXPECT_TRUE((*dataset)->isRandom());
    EXPECT_FALSE((*dataset)->hasLabels());
    EXPECT_EQ((*dataset)->size(Split::Test), 5);
    EXPECT_EQ((*dataset)->size(Split::Train), 0);
    const auto batch = (*dataset)->call(Split::Test, 1, 2);
    ASSERT_EQ(batch.size(), 3U);
    EXPECT_EQ(batch[0].shape(), (tensor::Shape{2, 7}));
    EXPECT_EQ(batch[0].dtype(), DType::Int64);
    EXPECT_EQ(batch[2].shape(), (tensor::Shape{2, 3, 32, 48}));
    EXPECT_EQ(batch[2].dtype(), DType::Float32);
    // Tokens are in the vocabulary and differ, masks let everything through.
    const auto all = (*dataset)->input(0, Split::Test, 0, 5);
    const auto tokens = all.values<std::int64_t>();
    EXPECT_TRUE(std::ranges::all_of(tokens, [](std::int64_t token) { return token >= 0 && token < 20; }));
    EXPECT_GT(std::set<std::int64_t>(tokens.begin(), tokens.end()).size(), 5U);
    EXPECT_TRUE(std::ranges::all_of(batch[1].values<std::int64_t>(), [](std::int64_t flag) { return flag == 1; }));
    EXPECT_TRUE(checkFit(**dataset, threeInputs()));
}

TEST(RandomInput, HasTheTypesThatTheInputsDeclare) {
    graph::Graph graph;
    for (const DType dtype : {DType::UInt8, DType::Float64, DType::Int16, DType::Float16, DType::Bool}) {
        const auto id = graph.addInput(std::string(tensor::name(dtype)));
        graph.value(id).dtype = dtype;
        graph.value(id).shape = std::vector<Dim>{{-1, "batch"}, {16, ""}};
    }
    const auto dataset = openRandomInput("random:samples=8", graph);
    ASSERT_TRUE(dataset) << dataset.error().text();
    const auto batch = (*dataset)->call(Split::Test, 0, 8);
    ASSERT_EQ(batch.size(), 5U);
    for (std::size_t at = 0; at < batch.size(); ++at)
        EXPECT_EQ(tensor::name(batch[at].dtype()), (*dataset)->inputs()[at].name);
    const auto pixels = batch[0].values<std::uint8_t>();
    EXPECT_GT(std::set<std::uint8_t>(pixels.begin(), pixels.end()).size(), 50U);
    const auto doubles = batch[1].values<double>();
    EXPECT_GT(std::set<double>(doubles.begin(), doubles.end()).size(), 100U);
    EXPECT_EQ((*dataset)->gatherCall(Split::Test, std::vector<std::int64_t>{3})[1].dtype(), DType::Float64);
}

TEST(RandomInput, SameSeedSameValues) {
    const auto first = openFor(threeInputs(), "random:samples=2,seq=3"), again = openFor(threeInputs(), "random:seed=1,seq=3,samples=2"),
               other = openFor(threeInputs(), "random:seed=2,samples=2,seq=3");
    ASSERT_TRUE(first && again && other);
    EXPECT_EQ((*first)->sha256(), (*again)->sha256());
    EXPECT_NE((*first)->sha256(), (*other)->sha256());
}

TEST(RandomInput, HasUsualSizes) {
    const auto dataset = openFor(threeInputs(), "random");
    ASSERT_TRUE(dataset) << dataset.error().text();
    EXPECT_EQ((*dataset)->inputs()[0].shape, (tensor::Shape{128}));
    EXPECT_EQ((*dataset)->inputs()[2].shape, (tensor::Shape{3, 224, 224}));
    EXPECT_EQ((*dataset)->size(Split::Test), 111); // 64 MiB of them
}

TEST(RandomInput, GuessesWhatTheFileDoesNotSay) {
    graph::Graph words = support::wordModel();
    EXPECT_EQ(errorOf("random", words), "The file does not say the shape of the input \"mask\": random input needs it, as in "
                                        "random:mask=3x224x224 (without the batch).");
    const auto dataset = openFor(words, "random:words.1=9,mask=9,samples=3");
    ASSERT_TRUE(dataset) << dataset.error().text();
    const auto batch = (*dataset)->call(Split::Test, 0, 3);
    EXPECT_EQ(batch[0].dtype(), DType::Int64);
    EXPECT_EQ(batch[0].shape(), (tensor::Shape{3, 9}));
    EXPECT_EQ(batch[1].dtype(), DType::Float32);

    graph::Graph picture;
    const auto x = picture.addInput("x");
    const auto weight = picture.addWeight("conv.weight", support::randomTensor({8, 3, 5, 5}, 1));
    picture.addNode("aten::conv2d", "conv",
                    {x, weight, graph::Operand(), support::ints({1, 1}), support::ints({0, 0}), support::ints({1, 1}), support::number(1)});
    EXPECT_EQ(openFor(picture, "random:samples=1").value()->inputs()[0].shape, (tensor::Shape{3, 224, 224}));
    graph::Graph sequences;
    sequences.value(sequences.addInput("x")).shape = std::vector<graph::Dim>{{-1, ""}, {-1, "batch"}, {7, ""}};
    EXPECT_EQ(openFor(sequences, "random:samples=2,x.0=5").value()->call(Split::Test, 0, 2)[0].shape(), (tensor::Shape{5, 2, 7}));
    EXPECT_EQ(openFor(picture, "random:x=3x32x40").value()->inputs()[0].shape, (tensor::Shape{3, 32, 40}));
}

TEST(RandomInput, SaysWhatIsWrong) {
    const graph::Graph graph = threeInputs();
    EXPECT_EQ(errorOf("random:sq=3", graph), "The model has no input and no free size \"sq\"; did you mean \"seq\"?");
    EXPECT_EQ(errorOf("random:image=4x32x32", graph), "The model takes 3ximage.2ximage.3 for \"image\" (without the batch), not 4x32x32.");
    EXPECT_EQ(errorOf("random:seq=3x3", graph), "\"seq\" is one size, not 3x3.");
    EXPECT_EQ(errorOf("random:image.1=4", graph), "\"image.1\" is 3 in the model, not 4.");
    EXPECT_EQ(errorOf("random:image.1=3,samples=1", graph), "accepted");
    for (const char* option : {"seed", "seed=", "seed=-1", "samples=0", "seq=x", "=3", "seq=99999999999", "samples=2x2"}) {
        EXPECT_TRUE(
            errorOf("random:" + std::string(option), graph).starts_with("\"" + std::string(option) + "\" is not an option of random input"))
            << errorOf("random:" + std::string(option), graph);
    }
    EXPECT_TRUE(errorOf("random:samples=2147483648,seq=2147483647", graph).ends_with("choose smaller sizes or fewer samples."));
    EXPECT_FALSE(openDataset("random"));
    EXPECT_TRUE(isRandomInput("random") && isRandomInput("random:seed=2"));
    EXPECT_FALSE(isRandomInput("randomly.npz") || isRandomInput("my/random"));

    graph::Graph scalar;
    scalar.value(scalar.addInput("rate")).shape = std::vector<Dim>{};
    EXPECT_EQ(errorOf("random", scalar), "The input \"rate\" has no batch dimension: random input cannot be made for it.");
}

} // namespace
} // namespace lathe::data
