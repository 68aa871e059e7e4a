#include <core/engine/export_judges.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <thread>
#include <tuple>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/data/dataset.h>
#include <core/data/npz.h>
#include <core/engine/export_model.h>
#include <core/formats/format_table.h>
#include <core/graph/operators/names.h>
#include <tests/core/engine/sample_model.h>

namespace lathe::engine {
namespace {

namespace fs = std::filesystem;
using history::ExportCheck;
using history::ExportVerdict;

constexpr double longEnoughSeconds = 120;

/// LeNet-5 as it is, as TorchScript, and what it gives for a few samples.
class ExportJudges : public testing::Test {
protected:
    ExportJudges() {
        const formats::OpenedModel model = support::sampleModel();
        m_trial.file = m_folder.path() / "model.pt";
        EXPECT_TRUE(formats::writeTorchScript(model.graph, m_trial.file));
        // Pictures of several classes: where the same output is always the largest, top-1 would not count.
        m_trial.samplesInCall = 8;
        m_trial.inputs = {data::openDataset(support::smallData).value()->samples(data::Split::Test, 0, 8)};
        EXPECT_TRUE(data::writeNpz(inputs(),
                                   {{"input0", m_trial.inputs.front()}, {"samples_in_call", tensor::Tensor::of<std::int64_t>({1}, {8})}}));
        const auto written = writeOutputsOfExport(m_trial.file, inputs(), outputs());
        EXPECT_TRUE(written) << written.error().text();
        m_trial.expected = {data::readNpz(outputs()).value().at("output0")};
    }
    [[nodiscard]] fs::path inputs() const { return m_folder.path() / "in.npz"; }
    [[nodiscard]] fs::path outputs() const { return m_folder.path() / "right.npz"; }

    /// A program in place of Python: lines of a shell script, where $5 is the format, $6 the model, $7 the inputs and $8 the outputs.
    [[nodiscard]] std::string program(const std::string& lines) const {
        const fs::path file = m_folder.path() / "python";
        EXPECT_TRUE(base::writeFile(file, "#!/bin/sh\n" + lines + "\n"));
        fs::permissions(file, fs::perms::owner_all);
        return file.string();
    }
    [[nodiscard]] ExportCheck judged(const std::string& python, double limitSeconds = longEnoughSeconds) const {
        const auto check = judgeByPython(m_trial, python, limitSeconds, {});
        EXPECT_TRUE(check) << check.error().text();
        return check.value_or(ExportCheck{});
    }
    void expectNotJudged(const ExportCheck& check, const std::string& reason) const {
        EXPECT_EQ(check.verdict, ExportVerdict::NotJudged);
        EXPECT_NE(check.reason.find(reason), std::string::npos) << check.reason;
        EXPECT_FALSE(check.maxAbsError);
        EXPECT_FALSE(check.agreement);
    }

    base::TemporaryFolder m_folder;
    ExportTrial m_trial;
};

constexpr const char* goodAnswer = R"(echo '{"version": "2.11.0", "load_ms": 3.5, "problem": null}')";

TEST_F(ExportJudges, LatheTellsItsVersionAndTheLoadTime) {
    const auto check = judgeByLathe(m_trial, {});
    ASSERT_TRUE(check) << check.error().text();
    EXPECT_EQ(check->judge, "libtorch");
    EXPECT_FALSE(check->version.empty());
    EXPECT_EQ(check->verdict, ExportVerdict::Same) << check->reason;
    EXPECT_EQ(check->maxAbsError, 0);
    EXPECT_EQ(check->maxRelError, 0);
    EXPECT_EQ(check->agreement, 1);
    EXPECT_GT(check->loadMs.value_or(0), 0);
}

TEST_F(ExportJudges, AnotherShapeIsADifference) {
    m_trial.expected = {tensor::Tensor::zeros(tensor::DType::Float32, {8, 11})};
    const auto check = judgeByLathe(m_trial, {});
    ASSERT_TRUE(check) << check.error().text();
    EXPECT_EQ(check->verdict, ExportVerdict::Different);
    EXPECT_NE(check->reason.find("not 8x11"), std::string::npos) << check->reason;
}

TEST_F(ExportJudges, WhatTheRecipeItselfChangedIsAllowedOnce) {
    // Every row has its largest number somewhere else, and all differ by more than 1 %.
    std::vector<float> values = m_trial.expected.front().toFloats();
    float largest = 0;
    for (const float value : values)
        largest = std::max(largest, std::fabs(value));
    for (std::size_t at = 0; at < values.size(); ++at)
        values[at] += at % 10 == at / 10 % 10 ? 2 * largest : 0;
    m_trial.expected = {tensor::Tensor::of<float>(m_trial.expected.front().shape(), values)};
    const double change = 2 * static_cast<double>(largest) / std::sqrt(10.0);
    for (const auto& [recipeChange, verdict] :
         {std::pair(0.0, ExportVerdict::Different), std::pair(0.99 * change, ExportVerdict::Different),
          std::pair(1.01 * change, ExportVerdict::Same)}) {
        m_trial.recipeChange = recipeChange;
        const auto check = judgeByLathe(m_trial, {});
        ASSERT_TRUE(check) << check.error().text();
        EXPECT_EQ(check->verdict, verdict) << recipeChange << " " << check->reason;
    }
}

TEST_F(ExportJudges, AValueThatIsOffIsNotTheSameBecauseItIsTheOnlyOne) {
    // Of one number the largest is always in the same place; of a box whose height is the largest, too.
    for (const auto& [shape, values, wrong] :
         {std::tuple(tensor::Shape{3, 1}, std::vector<float>{1, 2, 3}, std::vector<float>{2, 1, 5}),
          std::tuple(tensor::Shape{2, 3}, std::vector<float>{0, 1, 9, 1, 0, 8}, std::vector<float>{4, 0, 5, 0, 3, 6}),
          std::tuple(tensor::Shape{1, 2, 2}, std::vector<float>{0, 1, 2, 9}, std::vector<float>{4, 4, 0, 5})}) {
        m_trial.expected = {tensor::Tensor::of<float>(shape, values)};
        ASSERT_TRUE(data::writeNpz(m_folder.path() / "wrong.npz", {{"output0", tensor::Tensor::of<float>(shape, wrong)}}));
        const ExportCheck check = judged(program("cp " + (m_folder.path() / "wrong.npz").string() + " $8 && " + goodAnswer));
        EXPECT_EQ(check.verdict, ExportVerdict::Different) << tensor::text(shape);
        EXPECT_FALSE(check.agreement) << tensor::text(shape);
    }
}

TEST_F(ExportJudges, DetectionsMayChangePlacesAndTheLastOfManyMayGo) {
    const auto outputs = [](std::vector<float> boxes, std::vector<std::int64_t> labels, std::vector<float> scores) {
        const auto count = static_cast<std::int64_t>(labels.size());
        return std::vector{tensor::Tensor::of<float>({count, 4}, boxes), tensor::Tensor::of<std::int64_t>({count}, labels),
                           tensor::Tensor::of<float>({count}, scores)};
    };
    m_trial.expected = outputs({0, 0, 9, 9, 5, 5, 9, 9, 1, 1, 3, 3}, {1, 2, 3}, {0.9F, 0.8999F, 0.1F});
    const auto check = [&](const std::vector<tensor::Tensor>& found) {
        EXPECT_TRUE(data::writeNpz(m_folder.path() / "found.npz", {{"output0", found[0]}, {"output1", found[1]}, {"output2", found[2]}}));
        return judged(program("cp " + (m_folder.path() / "found.npz").string() + " $8 && " + goodAnswer));
    };
    const ExportCheck turned = check(outputs({5, 5, 9, 9, 0, 0, 9, 9, 1, 1, 3, 3}, {2, 1, 3}, {0.9F, 0.8999F, 0.1F}));
    EXPECT_EQ(turned.verdict, ExportVerdict::Same) << turned.reason;
    EXPECT_EQ(turned.agreement, 1);
    const std::vector<tensor::Tensor> fewer = outputs({0, 0, 9, 9, 5, 5, 9, 9}, {1, 2}, {0.9F, 0.8999F});
    EXPECT_EQ(check(fewer).verdict, ExportVerdict::Different) << "of three";
    m_trial.recipeMatch = 0.6;
    EXPECT_EQ(check(fewer).verdict, ExportVerdict::Same) << "the recipe lost more";
}

TEST_F(ExportJudges, PythonGivesTheSame) {
    const ExportCheck check = judged(program("test $1 = -I && test $5 = torchscript && cp " + outputs().string() + " $8 && " + goodAnswer));
    EXPECT_EQ(check.verdict, ExportVerdict::Same) << check.reason;
    EXPECT_EQ(check.judge, "torch");
    EXPECT_EQ(check.version, "2.11.0");
    EXPECT_EQ(check.loadMs, 3.5);
    EXPECT_EQ(check.maxAbsError, 0);
    EXPECT_EQ(check.agreement, 1);
}

TEST_F(ExportJudges, PythonRunsTheFileOnTheSameSamples) {
    // Our own program in its place: were it given another file or other samples, the outputs would differ.
    const ExportCheck check = judged(program(commandLineProgram().string() + " check-export $6 $7 $8 && " + goodAnswer));
    EXPECT_EQ(check.verdict, ExportVerdict::Same) << check.reason;
}

TEST_F(ExportJudges, PythonGivesOtherOutputs) {
    const std::vector<float> right = m_trial.expected.front().toFloats();
    std::vector<float> wrong(right.rbegin(), right.rend());
    ASSERT_TRUE(
        data::writeNpz(m_folder.path() / "wrong.npz", {{"output0", tensor::Tensor::of<float>(m_trial.expected.front().shape(), wrong)}}));
    const ExportCheck check = judged(program("cp " + (m_folder.path() / "wrong.npz").string() + " $8 && " + goodAnswer));
    EXPECT_EQ(check.verdict, ExportVerdict::Different);
    EXPECT_GT(check.maxAbsError.value_or(0), 0);
    EXPECT_GT(check.maxRelError.value_or(0), 0.01);
    EXPECT_LT(check.agreement.value_or(1), 0.99);
    EXPECT_EQ(check.reason, "");
    m_trial.mayJudgesSaturate = true;
    const std::string reason = judged(program("cp " + (m_folder.path() / "wrong.npz").string() + " $8 && " + goodAnswer)).reason;
    EXPECT_NE(reason.find("saturate on 8-bit activations"), std::string::npos) << reason;
}

/// A linear layer whose weights go up to `largest` and whose input is rounded to 0 … maximum, or chooses that grid.
graph::Graph quantizedLayer(std::string_view op, std::int64_t maximum, std::int8_t largest) {
    graph::Graph graph;
    std::vector<graph::Operand> operands{graph::Operand(graph.addInput("x"))};
    // quantize_per_tensor(input, scale, zero_point, quant_min, quant_max, dtype), choose_qparams(input, quant_min, quant_max, eps, dtype)
    if (op == graph::op::quantizePerTensor) {
        operands.emplace_back(graph::Literal(0.5));
        operands.emplace_back(graph::Literal(std::int64_t{0}));
    }
    operands.emplace_back(graph::Literal(std::int64_t{0}));
    operands.emplace_back(graph::Literal(maximum));
    graph.addNode(std::string(op), "quantize", operands);
    const auto integers = graph.addWeight("weight", tensor::Tensor::of<std::int8_t>({1, 2}, {largest, 1}));
    const auto number = [](std::int64_t value) { return graph::Operand(graph::Literal(value)); };
    const auto weight = graph
                            .addNode(std::string(graph::op::dequantizePerTensor), "restored",
                                     {integers, graph::Operand(graph::Literal(0.5)), number(0), number(-127), number(127),
                                      graph::Operand(graph::Literal(std::string("int8")))})
                            .results[0];
    graph.addNode(std::string(graph::op::linear), "layer", {graph.main.inputs[0], weight, graph::Operand()});
    return graph;
}

TEST(OtherKernels, SaturateOnFullBytesWithoutVnni) {
    for (const std::string_view op : {graph::op::quantizePerTensor, graph::op::chooseQparams}) {
        for (const std::int64_t maximum : {127, 255}) {
            const graph::Graph graph = quantizedLayer(op, maximum, 127);
            EXPECT_EQ(mayOtherKernelsSaturate(graph, "torchscript", false), maximum == 255) << op;
            EXPECT_EQ(mayOtherKernelsSaturate(graph, "onnx", false), maximum == 255) << op;
            EXPECT_FALSE(mayOtherKernelsSaturate(graph, "torchscript", true)) << op;
            EXPECT_FALSE(mayOtherKernelsSaturate(graph, "pt2", false)) << op;
            EXPECT_FALSE(mayOtherKernelsSaturate(quantizedLayer(op, maximum, 63), "onnx", false)) << op << ": weights of seven bits";
        }
    }
}

TEST_F(ExportJudges, PythonGivesWhatIsNoNumber) {
    std::vector<float> wrong = m_trial.expected.front().toFloats();
    wrong[3] = std::numeric_limits<float>::quiet_NaN();
    ASSERT_TRUE(
        data::writeNpz(m_folder.path() / "wrong.npz", {{"output0", tensor::Tensor::of<float>(m_trial.expected.front().shape(), wrong)}}));
    const ExportCheck check = judged(program("cp " + (m_folder.path() / "wrong.npz").string() + " $8 && " + goodAnswer));
    EXPECT_EQ(check.verdict, ExportVerdict::Different);
    EXPECT_NE(check.reason.find("not numbers"), std::string::npos) << check.reason;
}

TEST_F(ExportJudges, PythonLacksTheModule) {
    if (std::system("python3 -c pass") != 0) GTEST_SKIP() << "needs python3";
    // -S: a real Python, and our script, without any package that is installed.
    m_trial.format = "onnx";
    const ExportCheck check = judged(program("exec python3 -S \"$@\""));
    EXPECT_EQ(check.judge, "onnxruntime");
    EXPECT_EQ(check.version, "");
    expectNotJudged(check, "has no module \"numpy\".");
}

TEST_F(ExportJudges, PythonIsNotThere) { expectNotJudged(judged("/no/such/python"), "\"/no/such/python\" is not installed"); }

TEST_F(ExportJudges, PythonFails) {
    expectNotJudged(judged(program("echo 'cannot start' >&2; exit 3")), "failed: cannot start");
    expectNotJudged(judged(program("exit 3")), "ended with code 3");
    expectNotJudged(judged(program("kill -SEGV $$")), "signal 11");
    expectNotJudged(judged(program(R"(echo '{"version": "1.0", "load_ms": null, "problem": "It is too old."}')")), "It is too old.");
}

TEST_F(ExportJudges, PythonHangs) {
    const auto start = std::chrono::steady_clock::now();
    expectNotJudged(judged(program("exec sleep 100"), 0.2), "was not done after");
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(50));
}

TEST_F(ExportJudges, PythonWritesRubbish) {
    expectNotJudged(judged(program("echo rubbish")), "no answer that can be read");
    expectNotJudged(judged(program("echo '{\"version\": 5}'")), "no answer that can be read");
    expectNotJudged(judged(program(std::string("echo rubbish > $8; ") + goodAnswer)), "no outputs that can be read");
    expectNotJudged(judged(program(goodAnswer)), "no outputs that can be read");
    expectNotJudged(judged(program("cp $7 $8; " + std::string(goodAnswer))), "no array \"output0\"");
}

TEST_F(ExportJudges, CancelEndsPython) {
    std::stop_source source;
    source.request_stop();
    const auto check = judgeByPython(m_trial, program("exec sleep 100"), longEnoughSeconds, base::Job{source.get_token(), {}});
    ASSERT_FALSE(check);
    EXPECT_EQ(check.error().code, base::ErrorCode::Cancelled);
}

TEST_F(ExportJudges, LatheSaysWhatLibTorchCannotLoad) {
    ASSERT_TRUE(base::writeFile(m_folder.path() / "x.pt", "no model"));
    const auto result = writeOutputsOfExport(m_folder.path() / "x.pt", inputs(), m_folder.path() / "out.npz");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, base::ErrorCode::Rejected);
    EXPECT_FALSE(fs::exists(m_folder.path() / "out.npz"));
}

/// A real Python with torch and onnxruntime: all formats, quantized.
TEST(ExportJudgesWithPython, JudgesEveryFormat) {
    const char* python = std::getenv("LATHE_PYTHON");
    if (python == nullptr || *python == '\0') GTEST_SKIP() << "LATHE_PYTHON is not set";
    const base::TemporaryFolder folder;
    for (const base::ModelFormat& format : base::modelFormats()) {
        const std::string_view judge = formats::formatSpec(format.id).pythonJudge;
        if (judge.empty()) continue;
        const std::string ending(format.endings.front());
        ModelExportRequest request;
        request.file = folder.path() / ("größe" + ending); // a name that is not ASCII
        request.to = format.id;
        request.recipe = support::recipeOf(
            R"({"lathe": 1, "steps": [{"op": "fuse.conv_relu"}, {"op": "fuse.linear_relu"}, {"op": "quantize.static"}]})");
        request.data = support::smallData;
        request.python = python;
        const auto reply = exportModel(request, support::sampleModel(), {});
        ASSERT_TRUE(reply) << reply.error().text();
        ASSERT_EQ(reply->checks.size(), 2U);
        const ExportCheck& check = reply->checks[1];
        EXPECT_EQ(check.judge, judge);
        EXPECT_FALSE(check.version.empty());
        EXPECT_EQ(check.verdict, ExportVerdict::Same) << ending << ": " << check.reason;
        EXPECT_GE(check.agreement.value_or(0), 0.99) << ending;
        EXPECT_GT(check.loadMs.value_or(0), 0);
    }
}

} // namespace
} // namespace lathe::engine
