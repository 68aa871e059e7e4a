#include <core/engine/stage_store.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/engine/comparison.h>
#include <core/engine/export_model.h>
#include <core/engine/fitted_model.h>
#include <tests/core/engine/sample_model.h>

namespace lathe::engine {
namespace {

namespace fs = std::filesystem;

Stage someStage() {
    Stage stage;
    stage.graph = support::sampleModel().graph;
    stage.result.op = "finetune";
    stage.result.seconds = 21.5;
    stage.result.peakMemoryBytes = 123456789;
    stage.result.figures = {{"epochs", 3}, {"final_loss", std::numeric_limits<double>::quiet_NaN()}};
    stage.result.epochLosses = {0.5, 0.25, 0.125};
    stage.result.notes = {{"train.continued", {{"epoch", 1}}}, "Something else."};
    stage.layerNotes = {{"conv1", {{"quantize.keptInFloat", {{"layer", "conv1"}}}}}};
    stage.layers = {{"conv1", {{"sqnr_db", std::numeric_limits<double>::infinity()}, {"bits", 8}}}};
    return stage;
}

fs::path onlyFile(const fs::path& folder) {
    const std::vector<fs::directory_entry> entries{fs::directory_iterator(folder), fs::directory_iterator()};
    EXPECT_EQ(entries.size(), 1U);
    return entries.empty() ? fs::path() : entries.front().path();
}

TEST(StageStore, GivesBackWhatWasKept) {
    const base::TemporaryFolder folder;
    const Stage stage = someStage();
    StageStore(folder.path() / "stages").keep("k", stage);
    const auto found = StageStore(folder.path() / "stages").find("k");
    ASSERT_TRUE(found);
    EXPECT_TRUE(graph::structurallyEqual(found->graph, stage.graph));
    EXPECT_EQ(found->result.op, "finetune");
    EXPECT_EQ(found->result.seconds, 21.5);
    EXPECT_EQ(found->result.peakMemoryBytes, 123456789);
    EXPECT_EQ(found->result.figures.at("epochs"), 3);
    EXPECT_TRUE(std::isnan(found->result.figures.at("final_loss")));
    EXPECT_EQ(found->result.epochLosses, stage.result.epochLosses);
    EXPECT_EQ(found->result.notes, stage.result.notes);
    EXPECT_EQ(found->result.notes[0].code(), "train.continued");
    EXPECT_EQ(found->layerNotes, stage.layerNotes);
    EXPECT_EQ(found->layerNotes.at("conv1")[0].code(), "quantize.keptInFloat");
    EXPECT_EQ(found->layers, stage.layers);
    EXPECT_FALSE(StageStore(folder.path() / "stages").find("other"));
}

TEST(StageStore, WhatIsDamagedIsNotThereAndIsRemoved) {
    const base::TemporaryFolder folder;
    const StageStore store(folder.path());
    store.keep("k", someStage());
    const fs::path file = onlyFile(folder.path());
    const std::uintmax_t size = fs::file_size(file);
    for (const std::uintmax_t at : {std::uintmax_t{9}, size / 2, size - 100, size - 3}) {
        store.keep("k", someStage());
        {
            std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
            stream.seekp(static_cast<std::streamoff>(at));
            const char other = static_cast<char>(stream.peek() ^ 0x55);
            stream.seekp(static_cast<std::streamoff>(at));
            stream.put(other);
        }
        // A number of the description may be another without being seen; the model never is.
        if (store.find("k")) {
            EXPECT_EQ(at, size - 100);
        }
    }
    for (const std::uintmax_t shorter : {std::uintmax_t{0}, std::uintmax_t{7}, size / 2, size - 1}) {
        store.keep("k", someStage());
        fs::resize_file(file, shorter);
        EXPECT_FALSE(store.find("k")) << shorter;
        EXPECT_FALSE(fs::exists(file)) << shorter;
    }
}

TEST(StageStore, WhatWasNotUsedForTheLongestTimeGoesFirst) {
    const base::TemporaryFolder folder;
    StageStore(folder.path()).keep("a", someStage());
    const std::uintmax_t size = fs::file_size(onlyFile(folder.path()));
    const StageStore store(folder.path(), 5 * size - 1); // for four
    for (const char* key : {"b", "c", "d"})
        store.keep(key, someStage());
    const auto now = fs::file_time_type::clock::now();
    for (const auto& [key, age] : std::map<std::string, int>{{"a", 40}, {"b", 30}, {"c", 20}, {"d", 10}})
        fs::last_write_time(folder.path() / (key + ".stage"), now - std::chrono::hours(age));
    ASSERT_TRUE(store.find("a")); // used
    store.keep("e", someStage());
    EXPECT_TRUE(store.find("a"));
    EXPECT_FALSE(store.find("b"));
    EXPECT_TRUE(store.find("c"));
    EXPECT_TRUE(store.find("e"));
}

TEST(StageStore, AStageOfMoreThanAQuarterOfTheLimitIsNotKept) {
    const base::TemporaryFolder folder;
    const StageStore store(folder.path(), 400000); // LeNet-5 takes 247 kB
    store.keep("k", someStage());
    EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(StageStore, AFolderThatCannotBeMadeIsNoError) {
    const base::TemporaryFolder folder;
    ASSERT_TRUE(base::writeFile(folder.path() / "file", "x"));
    const StageStore store(folder.path() / "file" / "stages");
    store.keep("k", someStage());
    EXPECT_FALSE(store.find("k"));
}

TEST(StageKeys, AreOfEverythingThatTheModelDependsOn) {
    const auto dataset = data::openDataset(support::smallData).value();
    const graph::Graph original = support::sampleModel().graph;
    const recipe::Recipe recipe = support::shortRecipe();
    const RunSettings settings{dataset, {}, 0};
    const std::vector<std::string> keys = stageKeys(original, recipe, settings);
    ASSERT_EQ(keys.size(), 5U);
    EXPECT_EQ(stageKeys(original, recipe, settings), keys);

    EXPECT_NE(stageKeys(original, recipe, {dataset, {}, 1}).back(), keys.back());
    EXPECT_NE(stageKeys(original, recipe, {nullptr, {}, 0}).back(), keys.back());
    recipe::Recipe other = recipe;
    other.preprocessing.mean = {0.5F};
    EXPECT_NE(stageKeys(original, other, settings).back(), keys.back());

    other = recipe;
    other.steps[3].parameters["epochs"] = 2;
    const auto longer = stageKeys(original, other, settings);
    EXPECT_EQ(longer[2], keys[2]); // until the step that differs
    EXPECT_NE(longer[3], keys[3]);
    EXPECT_NE(longer[4], keys[4]);

    // A teacher's file counts with what is in it.
    const base::TemporaryFolder folder;
    ASSERT_TRUE(base::writeFile(folder.path() / "teacher", "one"));
    other = recipe;
    other.steps[3].parameters["distill"] = {{"weight", 0.5}, {"teacher", (folder.path() / "teacher").string()}};
    const auto taught = stageKeys(original, other, settings);
    EXPECT_EQ(taught[2], keys[2]);
    EXPECT_EQ(stageKeys(original, other, settings), taught);
    ASSERT_TRUE(base::writeFile(folder.path() / "teacher", "another"));
    EXPECT_NE(stageKeys(original, other, settings)[3], taught[3]);

    other = recipe;
    other.name = "another name";
    EXPECT_EQ(stageKeys(original, other, settings), keys);
    other.steps[1].enabled = false;
    const auto fewer = stageKeys(original, other, settings);
    ASSERT_EQ(fewer.size(), 4U);
    EXPECT_EQ(fewer[0], keys[0]);
    EXPECT_NE(fewer[3], keys[4]);

    graph::Graph changed = original;
    for (graph::Value& value : changed.values) {
        if (value.kind == graph::ValueKind::Weight) value.data = tensor::Tensor::zeros(value.data.dtype(), value.data.shape());
    }
    EXPECT_NE(stageKeys(changed, recipe, settings).front(), keys.front());
}

/// The user's cache in a folder of the test's own.
class UserCache : public testing::Test {
protected:
    void SetUp() override {
        unsetenv("LATHE_STAGES");
        setenv("XDG_CACHE_HOME", m_folder.path().c_str(), 1);
    }
    void TearDown() override { setenv("LATHE_STAGES", "off", 1); }
    [[nodiscard]] fs::path stages() const { return m_folder.path() / "lathe" / "stages"; }

    base::TemporaryFolder m_folder;
};

TEST_F(UserCache, IsWhereStagesAreKeptUnlessSwitchedOff) {
    EXPECT_EQ(defaultStageFolder(), stages());
    setenv("LATHE_STAGES", "off", 1);
    EXPECT_EQ(defaultStageFolder(), fs::path());
}

TEST_F(UserCache, AnExportStartsFromTheTrainingOfTheRun) {
    const formats::OpenedModel model = support::sampleModel();
    const auto dataset = data::openDataset(support::smallData).value();
    graph::Graph original = model.graph;
    ASSERT_TRUE(annotate(original, *dataset));
    recipe::Recipe recipe;
    std::vector<Stage> first;
    for (int epochs = 5; first.empty() || first.back().result.seconds < StageStore::slowStepSeconds;
         epochs *= 4) { // until this machine keeps it
        recipe = support::recipeOf(R"({"lathe": 1, "steps": [{"op": "prune.structured", "ratio": 0.5}, {"op": "finetune", "epochs": )" +
                                   std::to_string(epochs) + "}]}");
        auto run = runRecipe(original, recipe, userSettings(dataset, {}, 0), {}); // as a comparison does
        ASSERT_TRUE(run) << run.error().text();
        first = std::move(*run);
    }
    const Stage& trained = first.back();
    EXPECT_TRUE(trained.result.notes.empty());
    const auto isSlow = [](const Stage& stage) { return stage.result.seconds >= StageStore::slowStepSeconds; };
    EXPECT_EQ(std::distance(fs::directory_iterator(stages()), fs::directory_iterator()), std::ranges::count_if(first, isSlow))
        << "of the training, and of the pruning on a machine where it is slow";

    int epochs = 0;
    std::vector<std::string> phases;
    base::Job job;
    job.progress = [&](const base::Progress& progress) {
        if (progress.phase == "finetune" && progress.values.contains("epoch")) ++epochs;
        if (phases.empty() || phases.back() != progress.phase) phases.push_back(progress.phase);
        if (phases.back() == "export" || phases.back() == "verify") {
            EXPECT_EQ(progress.steps, 4);
        }
    };
    const base::TemporaryFolder exports;
    ModelExportRequest request;
    request.file = exports.path() / "pruned.pt";
    request.recipe = recipe;
    request.data = support::smallData;
    const auto exported = exportModel(request, model, job);
    ASSERT_TRUE(exported) << exported.error().text();
    EXPECT_EQ(epochs, 0);
    EXPECT_EQ(phases, (std::vector<std::string>{"prune.structured", "finetune", "export", "verify"}));

    const auto again = runRecipe(original, recipe, userSettings(dataset, {}, 0), job);
    ASSERT_TRUE(again);
    EXPECT_EQ(epochs, 0);
    EXPECT_EQ(again->back().result.seconds, trained.result.seconds);
    EXPECT_EQ(again->back().result.epochLosses, trained.result.epochLosses);
    EXPECT_EQ(again->back().result.notes, std::vector<base::Message>{"Taken over from an earlier run of the same step."});
    EXPECT_TRUE(graph::structurallyEqual(again->back().graph, trained.graph));
}

} // namespace
} // namespace lathe::engine
