#include <core/report/run_json.h>

#include <functional>
#include <limits>

#include <gtest/gtest.h>

#include <tests/core/report/sample_run.h>
#include <tests/support/every_figure.h>

namespace lathe::report {

namespace {

using base::Json;

measure::RunDocument read(const Json& json) {
    const auto document = runDocumentFromJson(json);
    EXPECT_TRUE(document) << document.error().text();
    return document.value_or(measure::RunDocument{});
}

TEST(RunJson, EverythingComesBack) {
    const measure::RunDocument run = test::sampleRun();
    const Json json = toJson(run, Detail::RawSamples);
    const measure::RunDocument back = read(json);
    EXPECT_EQ(toJson(back, Detail::RawSamples), json);
    // What the document says of itself, field by field where a mistake in both directions could cancel out.
    EXPECT_EQ(back.modelFile, run.modelFile);
    EXPECT_EQ(back.environment, run.environment);
    EXPECT_EQ(back.seed, 42);
    EXPECT_EQ(back.optimized.quality.confusion, run.optimized.quality.confusion);
    EXPECT_EQ(back.optimized.quality.predictions, run.optimized.quality.predictions);
    EXPECT_EQ(back.optimized.latency.samplesMs, run.optimized.latency.samplesMs);
    EXPECT_EQ(back.optimized.latency.p999, run.optimized.latency.p999);
    EXPECT_EQ(back.baseline.quality.accuracy, 0.9114);
    EXPECT_EQ(back.optimized.layers[0].sqnrDb, 41.5);
    EXPECT_EQ(back.baseline.layers[0].loss, std::nullopt);
    EXPECT_EQ(back.steps[0].epochLosses, run.steps[0].epochLosses);
    EXPECT_EQ(back.steps[0].figures, run.steps[0].figures);
    EXPECT_EQ(back.steps[1].notes, run.steps[1].notes);
    EXPECT_EQ(back.comparison.speedup.verdict, measure::Verdict::Faster);
    EXPECT_EQ(back.comparison.flips[2].after, 6);
    EXPECT_EQ(back.historyIds, run.historyIds);
}

TEST(RunJson, PartsOfFiguresAndWhatIsNotKnown) {
    measure::RunDocument run = test::sampleRun();
    run.optimized.macsUnknownLayers = 14;
    run.optimized.layers[0].macs.reset();
    run.optimized.layers[0].lossParts = {0.01, 0.0023, 0.004, 0.0005};
    run.optimized.layers[0].activationsSqnrDb = 33.0;
    run.optimized.layers[0].covers = {"relu1"};
    run.steps[1].warnings = {"No layer was quantized."};
    const Json json = toJson(run);
    EXPECT_TRUE(json["optimized"]["macs"].is_null()); // a part is not the whole
    EXPECT_EQ(json["optimized"]["macs_at_least"], 134'000);
    EXPECT_EQ(json["baseline"]["macs"], 416'520);
    double parts = 0;
    for (const Json& layer : json["optimized"]["layers"])
        parts += layer["p50_us"].get<double>();
    EXPECT_NEAR(parts + json["optimized"]["layers_rest_us"].get<double>(), json["optimized"]["latency_ms"]["p50"].get<double>() * 1000,
                1e-9);
    const measure::RunDocument back = read(json);
    EXPECT_EQ(back.optimized.macsUnknownLayers, 14);
    EXPECT_EQ(back.optimized.layers[0].macs, std::nullopt);
    EXPECT_EQ(back.optimized.layers[0].lossParts, run.optimized.layers[0].lossParts);
    EXPECT_EQ(back.optimized.layers[0].activationsSqnrDb, 33.0);
    EXPECT_EQ(back.optimized.layers[0].covers, run.optimized.layers[0].covers);
    EXPECT_EQ(back.steps[1].warnings, run.steps[1].warnings);
}

TEST(RunJson, DocumentsOfEarlierVersionsAreRead) {
    Json json = toJson(test::sampleRun());
    for (const char* side : {"baseline", "optimized"}) {
        for (const char* key : {"macs_at_least", "macs_unknown_layers", "layers_rest_us"})
            json[side].erase(key);
        for (Json& layer : json[side]["layers"]) {
            for (const char* key : {"loss_parts", "activations_sqnr_db", "limit_share", "covers"})
                layer.erase(key);
        }
    }
    for (Json& step : json["steps"])
        step.erase("warnings");
    const measure::RunDocument back = read(json);
    EXPECT_EQ(back.baseline.macs, 416'520);
    EXPECT_EQ(back.baseline.macsUnknownLayers, 0);
    EXPECT_EQ(back.optimized.layers[0].lossParts, measure::LossParts{});
}

TEST(RunJson, NamesThatOthersRelyOn) {
    const Json json = toJson(test::sampleRun());
    EXPECT_EQ(json["schema"], "lathe.run/1");
    EXPECT_EQ(json["model"]["format"], "torchscript");
    EXPECT_EQ(json["data"]["samples"], 10'000);
    EXPECT_EQ(json["steps"][0]["op"], "finetune");
    EXPECT_EQ(json["steps"][0]["peak_memory_bytes"], std::int64_t{655} << 20);
    EXPECT_EQ(json["recipe"]["steps"][1]["ratio"], 0.4);
    const Json& result = json["optimized"];
    for (const char* key : {"kind", "quality", "latency_ms", "throughput_per_s", "load_ms", "file_bytes", "parameters", "macs",
                            "peak_memory_bytes", "layers"}) {
        EXPECT_TRUE(result.contains(key)) << key;
    }
    for (const char* key : {"accuracy", "top5", "precision", "recall", "f1", "loss", "samples"})
        EXPECT_TRUE(result["quality"].contains(key)) << key;
    for (const char* key : {"p50", "p90", "p95", "p99", "p999", "mean", "stddev", "calls", "batch", "threads", "noise"}) {
        EXPECT_TRUE(result["latency_ms"].contains(key)) << key;
    }
    for (const char* key : {"name", "op", "kernel", "kind", "p50_us", "loss", "sqnr_db", "bits", "sparsity"}) {
        EXPECT_TRUE(result["layers"][0].contains(key)) << key;
    }
    EXPECT_EQ(json["comparison"]["speedup"]["verdict"], "faster");
    EXPECT_EQ(json["comparison"]["accuracy_drop"], 0.0097);
    EXPECT_EQ(json["history"]["ids"].size(), 2U);
}

TEST(RunJson, RawSamplesOnlyWhenAskedFor) {
    const Json json = toJson(test::sampleRun());
    EXPECT_FALSE(json["optimized"]["latency_ms"].contains("samples_ms"));
    EXPECT_FALSE(json["optimized"]["quality"].contains("predictions"));
    EXPECT_TRUE(read(json).optimized.latency.samplesMs.empty());
}

TEST(RunJson, WithoutLabelsAndHistory) {
    measure::RunDocument run = test::sampleRun();
    run.baseline.quality = {};
    run.comparison.accuracyDrop.reset();
    run.historyFile.clear();
    run.historyIds.clear();
    run.steps.clear();
    run.recipeJson.clear();
    const Json json = toJson(run);
    EXPECT_TRUE(json["baseline"]["quality"]["accuracy"].is_null());
    EXPECT_TRUE(json["history"]["file"].is_null());
    EXPECT_TRUE(json["recipe"].is_null());
    EXPECT_FALSE(read(json).comparison.accuracyDrop);
}

TEST(RunJson, NumbersThatAreNotFiniteAreNull) {
    measure::RunDocument run = test::sampleRun();
    run.optimized.quality.loss = std::numeric_limits<double>::quiet_NaN();
    run.optimized.quality.classF1[3] = std::numeric_limits<double>::infinity();
    run.steps[0].epochLosses[1] = std::numeric_limits<double>::quiet_NaN();
    run.steps[0].figures["final_loss"] = std::numeric_limits<double>::quiet_NaN();
    const Json json = toJson(run);
    EXPECT_TRUE(json["optimized"]["quality"]["loss"].is_null());
    EXPECT_TRUE(base::parseJson(json.dump()));
    EXPECT_FALSE(read(json).steps[0].figures.contains("final_loss"));
}

TEST(RunJson, VerdictsAndKindsByName) {
    EXPECT_STREQ(name(measure::Verdict::Slower), "slower");
    EXPECT_STREQ(name(measure::Verdict::NoSignificantDifference), "no significant difference");
    EXPECT_STREQ(name(measure::Truth::Simulated), "simulated");
    measure::Comparison comparison;
    comparison.speedup.verdict = measure::Verdict::Slower;
    EXPECT_EQ(comparisonFromJson(toJson(comparison))->speedup.verdict, measure::Verdict::Slower);
}

TEST(RunJson, WhatIsNotReliableSaysWhy) {
    measure::RunDocument run = test::sampleRun();
    run.optimized.latency.whyNotReliable = "It was loud.";
    run.optimized.whyThroughputNotReliable = "It was hot.";
    run.optimized.latency.marks.assign(run.optimized.latency.samplesMs.size(), 0);
    run.optimized.latency.marks.front() = 1;
    run.comparison.speedup.verdict = measure::Verdict::NotReliable;
    run.comparison.speedup.reason = "It was loud.";
    const Json json = toJson(run, Detail::RawSamples);
    EXPECT_EQ(json["comparison"]["speedup"]["verdict"], "not reliable");
    EXPECT_EQ(json["comparison"]["speedup"]["reason"], "It was loud.");
    EXPECT_EQ(json["comparison"]["speedup"]["baseline"], "Lathe's FP32 plan");
    EXPECT_EQ(json["optimized"]["latency_ms"]["not_reliable"], "It was loud.");
    EXPECT_EQ(json["optimized"]["throughput_not_reliable"], "It was hot.");
    EXPECT_TRUE(json["baseline"]["latency_ms"]["not_reliable"].is_null());
    EXPECT_EQ(json["optimized"]["latency_ms"]["marks"][0], 1);
    const measure::RunDocument back = read(json);
    EXPECT_EQ(toJson(back, Detail::RawSamples), json);
    EXPECT_EQ(back.comparison.speedup.verdict, measure::Verdict::NotReliable);
    EXPECT_EQ(back.optimized.latency.marks, run.optimized.latency.marks);
}

TEST(RunJson, DocumentsOfOlderVersionsAreRead) {
    Json json = toJson(test::sampleRun(), Detail::RawSamples);
    for (const char* side : {"baseline", "optimized"}) {
        json[side].erase("throughput_not_reliable");
        json[side]["latency_ms"].erase("not_reliable");
        json[side]["latency_ms"].erase("marks");
    }
    json["comparison"]["speedup"].erase("reason");
    json["comparison"]["speedup"].erase("baseline");
    const measure::RunDocument back = read(json);
    EXPECT_TRUE(measure::isReliable(back.optimized.latency));
    EXPECT_EQ(back.comparison.speedup.baseline, "");
}

TEST(RunJson, HostileDocuments) {
    struct Case {
        const char* named;
        std::function<void(Json&)> damage;
    };
    const std::vector<Case> cases = {
        {"not an object", [](Json& json) { json = Json::array(); }},
        {"schema", [](Json& json) { json["schema"] = "lathe.run/9"; }},
        {"\"comparison\"", [](Json& json) { json.erase("comparison"); }},
        {"model.sha256", [](Json& json) { json["model"]["sha256"] = std::string(65, 'a'); }},
        {"optimized.kind", [](Json& json) { json["optimized"]["kind"] = "guessed"; }},
        {"optimized.latency_ms.p50", [](Json& json) { json["optimized"]["latency_ms"]["p50"] = -1; }},
        {"optimized.latency_ms.p99", [](Json& json) { json["optimized"]["latency_ms"]["p99"] = "fast"; }},
        {"optimized.latency_ms.marks",
         [](Json& json) {
             json["optimized"]["latency_ms"]["marks"] = {0, 1};
         }},
        {"optimized.latency_ms.not_reliable", [](Json& json) { json["optimized"]["latency_ms"]["not_reliable"] = 7; }},
        {"baseline.file_bytes", [](Json& json) { json["baseline"]["file_bytes"] = std::numeric_limits<std::uint64_t>::max(); }},
        {"baseline.quality.confusion", [](Json& json) { json["baseline"]["quality"]["confusion"][3].push_back(1); }},
        {"optimized.layers[1].bits", [](Json& json) { json["optimized"]["layers"][1]["bits"] = 4000; }},
        {"optimized.layers[0].sparsity", [](Json& json) { json["optimized"]["layers"][0]["sparsity"] = 1.5; }},
        {"comparison.speedup.verdict", [](Json& json) { json["comparison"]["speedup"]["verdict"] = "amazing"; }},
        {"comparison.flips[0].before", [](Json& json) { json["comparison"]["flips"][0]["before"] = std::int64_t{1} << 40; }},
        {"environment.cpu", [](Json& json) { json["environment"]["cpu"] = Json::object(); }},
        {"steps", [](Json& json) { json["steps"] = nullptr; }},
    };
    for (const Case& each : cases) {
        Json json = toJson(test::sampleRun());
        each.damage(json);
        const auto result = runDocumentFromJson(json);
        ASSERT_FALSE(result) << each.named;
        EXPECT_EQ(result.error().code, base::ErrorCode::Rejected);
        EXPECT_NE(result.error().message.text().find(each.named), std::string::npos) << result.error().message;
    }
}

/// The member at "speedup.ratio".
const Json& memberAt(const Json& json, std::string_view place) {
    const std::size_t dot = place.find('.');
    if (dot == std::string_view::npos) return json.at(std::string(place));
    return json.at(std::string(place.substr(0, dot))).at(std::string(place.substr(dot + 1)));
}

TEST(RunJson, EveryFigureHasItsPlace) {
    measure::RunDocument run = test::sampleRun();
    const history::RunRow row = lathe::test::rowWithEveryFigure();
    run.optimized = row.result;
    run.comparison = *row.comparison;
    const Json json = toJson(run);
    const measure::RunDocument back = read(json);
    for (const history::Figure& figure : history::figures()) {
        Json place = json["optimized"];
        if (std::holds_alternative<history::FigureMember<measure::Quality>>(figure.in)) place = json["optimized"]["quality"];
        if (std::holds_alternative<history::FigureMember<measure::Latency>>(figure.in)) place = json["optimized"]["latency_ms"];
        if (history::isOfComparison(figure)) place = json["comparison"];
        const auto value = history::storedValue(figure, run.optimized, run.comparison);
        EXPECT_EQ(memberAt(place, figure.json).get<double>(), value) << figure.name;
        EXPECT_EQ(history::storedValue(figure, back.optimized, back.comparison), value) << figure.name;
    }
}

/// A number of its own for each figure, so that none stands in for another.
measure::LayerResult layerWithEveryFigure() {
    measure::LayerResult layer;
    double number = 1;
    for (const history::Figure& figure : history::layerFigures())
        EXPECT_TRUE(history::setValue(figure, figure.most <= 1 ? 0.25 : ++number, layer)) << figure.name;
    return layer;
}

TEST(RunJson, EveryFigureOfALayerHasItsPlace) {
    measure::RunDocument run = test::sampleRun();
    static_cast<measure::LayerFigures&>(run.optimized.layers[0]) = layerWithEveryFigure();
    const Json json = toJson(run);
    EXPECT_EQ(static_cast<const measure::LayerFigures&>(read(json).optimized.layers[0]), run.optimized.layers[0]);
    for (const history::Figure& figure : history::layerFigures()) {
        const double value = history::valueOf(figure, run.optimized.layers[0]).value();
        EXPECT_EQ(memberAt(json["optimized"]["layers"][0], figure.json).get<double>(), value) << figure.name;
    }
    // What nobody measured is null, and stays nothing.
    static_cast<measure::LayerFigures&>(run.optimized.layers[0]) = {};
    EXPECT_EQ(static_cast<const measure::LayerFigures&>(read(toJson(run)).optimized.layers[0]), measure::LayerFigures{});
}

} // namespace

} // namespace lathe::report
