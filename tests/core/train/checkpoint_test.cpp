#include <core/train/checkpoint.h>

#include <gtest/gtest.h>

#include <core/base/files.h>

#include "toy_data.h"

namespace lathe::train {
namespace {

using tensor::Tensor;
using testing::toyData;
using testing::toyModel;

TEST(Checkpoint, ReadsWhatItWrote) {
    const base::TemporaryFolder folder;
    const auto file = folder.path() / "state";
    const Checkpoint written{"abc",
                             {{1.5, 0.25}, {0.1, 0.05}, {2, 3}, {0.5, 0.75}},
                             {{"fc1.weight", Tensor::of<float>({2}, {1, 2})}},
                             {{"optimizer/momentum/fc1.weight", Tensor::of<float>({2}, {3, 4})}},
                             {{"fc1.weight", Tensor::of<float>({2}, {5, 6})}}};
    ASSERT_TRUE(writeCheckpoint(file, written));
    const auto read = readCheckpoint(file, "abc");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->curve, written.curve);
    ASSERT_EQ(read->weights.size(), 1U);
    EXPECT_TRUE(read->weights.at("fc1.weight").sameContent(written.weights.at("fc1.weight")));
    const char* momentum = "optimizer/momentum/fc1.weight";
    ASSERT_EQ(read->state.size(), 1U);
    EXPECT_TRUE(read->state.at(momentum).sameContent(written.state.at(momentum)));
    ASSERT_EQ(read->best.size(), 1U);
    EXPECT_TRUE(read->best.at("fc1.weight").sameContent(written.best.at("fc1.weight")));
}

TEST(Checkpoint, IsIgnoredWhenItIsOfAnotherTrainingOrDamaged) {
    const base::TemporaryFolder folder;
    const auto file = folder.path() / "state";
    EXPECT_FALSE(readCheckpoint(file, "abc")) << "there is none";
    ASSERT_TRUE(writeCheckpoint(file, {"abc", {{1}, {}, {}, {}}, {{"w", Tensor::of<float>({1}, {1})}}, {}, {}}));
    EXPECT_FALSE(readCheckpoint(file, "other"));
    const std::string bytes = base::readFile(file).value();
    ASSERT_TRUE(base::writeFile(file, bytes.substr(0, bytes.size() / 2)));
    EXPECT_FALSE(readCheckpoint(file, "abc"));
}

TEST(TrainingFingerprint, TellsEverythingApartThatMatters) {
    const auto data = toyData();
    const std::string plain = trainingFingerprint(toyModel(), *data, {});
    EXPECT_EQ(trainingFingerprint(toyModel(), *data, {}), plain);
    EXPECT_NE(trainingFingerprint(toyModel(true), *data, {}), plain) << "weights";
    EXPECT_NE(trainingFingerprint(toyModel(), *toyData(49), {}), plain) << "data";
    graph::Graph other = toyModel();
    other.findNode("relu")->op = "aten::sigmoid";
    EXPECT_NE(trainingFingerprint(other, *data, {}), plain) << "structure";
    FinetuneOptions options;
    options.epochs = 11;
    EXPECT_NE(trainingFingerprint(toyModel(), *data, options), plain) << "options";
    options = {};
    options.distillation.weight = 0.5;
    const graph::Graph teacher = toyModel(), otherTeacher = toyModel(true);
    options.teacher = &teacher;
    const std::string taught = trainingFingerprint(toyModel(), *data, options);
    EXPECT_NE(taught, plain) << "distillation";
    options.teacher = &otherTeacher;
    EXPECT_NE(trainingFingerprint(toyModel(), *data, options), taught) << "the teacher";
    options = {};
    options.checkpoint = "/elsewhere";
    EXPECT_EQ(trainingFingerprint(toyModel(), *data, options), plain) << "where the state is kept does not matter";
}

} // namespace
} // namespace lathe::train
