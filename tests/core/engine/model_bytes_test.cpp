#include <core/engine/model_bytes.h>

#include <random>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <tests/core/engine/sample_model.h>

namespace lathe::engine {
namespace {

std::string written(const base::Result<ReadModel>& result) {
    const int file = ::memfd_create("test", 0);
    EXPECT_TRUE(writeModelBytes(file, result));
    std::string bytes(static_cast<std::size_t>(::lseek(file, 0, SEEK_END)), '\0');
    EXPECT_EQ(::pread(file, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    ::close(file);
    return bytes;
}

base::Result<ReadModel> read(const std::string& bytes) {
    const auto owner = std::make_shared<std::string>(bytes);
    return readModelBytes(std::as_bytes(std::span(*owner)), owner);
}

ReadModel controlFlow() {
    const auto file = std::filesystem::path(LATHE_SOURCE_DIR) / "tests/data/torchscript/control_flow.pt"; // blocks, lists, None
    return {formats::openModel(file).value(), {}, {}, {}};
}

TEST(ModelBytes, AModelComesBackAsItWas) {
    for (const ReadModel& model : {ReadModel{support::sampleModel(), {}, {}, {}}, controlFlow()}) {
        ReadModel sent = model;
        sent.weightNotes = {"1 weight was cast."};
        sent.weightDifferences = {{formats::WeightDifference::Kind::Shape, "fc", "1x2", "2x1"}};
        const base::Message reason("quality.otherOutputs", {{"after", 1}, {"before", 2}});
        sent.shapesProblem =
            base::Error{base::ErrorCode::Rejected, {"error.ended", {{"problem", reason}}}, {{"while.calibrating", {}}, "while testing"}};
        const auto received = read(written(sent));
        ASSERT_TRUE(received) << received.error().text();
        EXPECT_TRUE(graph::structurallyEqual(received->model.graph, sent.model.graph));
        EXPECT_EQ(graph::text(received->model.graph), graph::text(sent.model.graph));
        EXPECT_EQ(received->model.sha256, sent.model.sha256);
        EXPECT_EQ(received->model.fileBytes, sent.model.fileBytes);
        EXPECT_EQ(received->model.report.format, sent.model.report.format);
        EXPECT_EQ(received->model.report.operators.size(), sent.model.report.operators.size());
        EXPECT_EQ(received->weightDifferences, sent.weightDifferences);
        EXPECT_EQ(received->weightNotes, sent.weightNotes);
        ASSERT_TRUE(received->shapesProblem);
        EXPECT_EQ(received->shapesProblem->text(), sent.shapesProblem->text());
        EXPECT_EQ(received->shapesProblem->message.code(), "error.ended");
        EXPECT_EQ(received->shapesProblem->message.arguments().at(0).value.code(), "quality.otherOutputs");
        EXPECT_EQ(received->shapesProblem->context.at(0).code(), "while.calibrating");
    }
}

TEST(ModelBytes, SharedWeightsStayShared) {
    graph::Graph graph;
    const auto tensor = tensor::Tensor::of<float>({2}, {1, 2});
    graph.addWeight("a", tensor);
    graph.addWeight("b", tensor);
    ReadModel sent;
    sent.model.graph = graph;
    const auto received = read(written(sent));
    ASSERT_TRUE(received) << received.error().text();
    EXPECT_EQ(received->model.graph.values[0].data.storage(), received->model.graph.values[1].data.storage());
}

TEST(ModelBytes, AnErrorComesBackAsItWas) {
    const auto received = read(written(base::failure(base::ErrorCode::NotFound, "Gone.")));
    ASSERT_FALSE(received);
    EXPECT_EQ(received.error().code, base::ErrorCode::NotFound);
    EXPECT_EQ(received.error().message, "Gone.");
}

TEST(ModelBytes, CutOffBytesAreNoModel) {
    const std::string bytes = written(controlFlow());
    for (std::size_t size = 0; size < bytes.size(); size += 61)
        EXPECT_FALSE(read(bytes.substr(0, size))) << size;
}

TEST(ModelBytes, WhateverTheBytesTheGraphIsSound) {
    const std::string bytes = written(controlFlow());
    std::mt19937 generator(7);
    int refused = 0;
    for (int round = 0; round < 5000; ++round) {
        std::string damaged = bytes;
        for (int change = 0; change < 3; ++change)
            damaged[generator() % damaged.size()] = static_cast<char>(generator());
        const auto received = read(damaged);
        if (!received) {
            ++refused;
            continue;
        }
        EXPECT_TRUE(graph::verify(received->model.graph));
        for (const graph::Value& value : received->model.graph.values)
            if (value.kind == graph::ValueKind::Weight) (void)value.data.toFloats(); // reads every element
    }
    EXPECT_GT(refused, 500);
}

} // namespace
} // namespace lathe::engine
