#include <core/formats/exported_program/reader.h>

#include <algorithm>
#include <functional>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/data/npz.h>
#include <core/formats/import_report.h>
#include <core/formats/torchscript/reader.h>
#include <core/graph/model_outputs.h>
#include <core/runtime/plan_torch.h>
#include <tests/core/formats/zip_files.h>

namespace lathe::formats {
namespace {

namespace fs = std::filesystem;
using graph::Graph;
using graph::Node;

fs::path fixture(const std::string& name) { return fs::path(LATHE_SOURCE_DIR) / "tests/data/exported" / name; }

Graph readFixture(const std::string& name) {
    auto model = readExportedProgram(fixture(name + ".pt2"));
    EXPECT_TRUE(model) << model.error().text();
    return model ? std::move(model->graph) : Graph{};
}

Graph readTorchScriptFixture(const std::string& name) {
    auto model = readTorchScript(fs::path(LATHE_SOURCE_DIR) / "tests/data/torchscript" / (name + ".pt"));
    EXPECT_TRUE(model) << model.error().text();
    return model ? std::move(model->graph) : Graph{};
}

std::vector<std::string> names(const Graph& graph) {
    std::vector<std::string> result;
    graph::forEachNode(graph, [&](const Node& node) { result.push_back(node.name); });
    return result;
}

std::vector<std::string> ops(const Graph& graph) {
    std::vector<std::string> result;
    graph::forEachNode(graph, [&](const Node& node) { result.push_back(node.op); });
    return result;
}

void flatten(const c10::IValue& value, std::vector<at::Tensor>& tensors) {
    if (value.isTensor()) {
        tensors.push_back(value.toTensor());
        return;
    }
    if (value.isGenericDict()) {
        for (const auto& entry : value.toGenericDict())
            flatten(entry.value(), tensors);
        return;
    }
    if (value.isNone()) return;
    ASSERT_TRUE(value.isTuple() || value.isList());
    for (const c10::IValue& element : value.isTuple() ? value.toTupleRef().elements().vec() : value.toListRef().vec())
        flatten(element, tensors);
}

/// The graph's outputs are what PyTorch computed when the fixture was made.
void expectSavedOutputs(const Graph& graph, const std::string& name) {
    const auto arrays = data::readNpz(fixture(name + ".npz"));
    ASSERT_TRUE(arrays) << arrays.error().text();
    std::vector<c10::IValue> inputs;
    for (std::size_t i = 0; arrays->contains("input" + std::to_string(i)); ++i)
        inputs.emplace_back(runtime::toAten(arrays->at("input" + std::to_string(i))).clone());
    auto plan = runtime::Plan::compile(graph, {});
    ASSERT_TRUE(plan) << plan.error().text();
    const auto outputs = plan->run(inputs);
    ASSERT_TRUE(outputs) << outputs.error().text();
    std::vector<at::Tensor> actual;
    for (const c10::IValue& output : *outputs)
        flatten(output, actual);
    ASSERT_EQ(arrays->size(), inputs.size() + actual.size());
    for (std::size_t i = 0; i < actual.size(); ++i) {
        const at::Tensor expected = runtime::toAten(arrays->at("output" + std::to_string(i)));
        ASSERT_EQ(expected.sizes(), actual[i].sizes()) << name << " output " << i;
        ASSERT_EQ(expected.scalar_type(), actual[i].scalar_type()) << name << " output " << i;
        EXPECT_TRUE(at::allclose(expected, actual[i], 1e-4, 1e-5)) << name << " output " << i;
    }
}

class SavedOutputs : public testing::TestWithParam<const char*> {};

TEST_P(SavedOutputs, AreThoseOfPyTorch) {
    const Graph graph = readFixture(GetParam());
    expectSavedOutputs(graph, GetParam());
    for (const std::string& op : ops(graph))
        EXPECT_TRUE(checkOperator(op)) << op;
}

INSTANTIATE_TEST_SUITE_P(ExportedProgramReader, SavedOutputs,
                         testing::Values("lenet", "lenet_strict", "residual", "residual_decomposed", "residual_training",
                                         "residual_training_decomposed", "dynamic_batch", "tied", "multiple_outputs",
                                         "multiple_outputs_decomposed", "named", "named_tuple", "symbolic_sizes", "condition",
                                         "writes_into_slice", "recurrent", "quantized", "autocast_off", "encoder"),
                         [](const auto& each) { return std::string(each.param); });

TEST(ExportedProgramReader, LayersAndOperatorsAreThoseOfTorchScript) {
    const std::vector<std::pair<std::string, std::string>> pairs{{"lenet", "lenet_traced"},
                                                                 {"lenet_strict", "lenet_traced"},
                                                                 {"residual", "residual_traced"},
                                                                 {"dynamic_batch", "residual_traced"},
                                                                 {"residual_training", "residual_traced"},
                                                                 {"tied", "tied"}};
    for (const auto& [exported, scripted] : pairs) {
        const Graph ours = readFixture(exported), theirs = readTorchScriptFixture(scripted);
        EXPECT_EQ(names(ours), names(theirs)) << exported;
        EXPECT_EQ(ops(ours), ops(theirs)) << exported;
        for (const Node& node : ours.main.nodes) {
            const Node* other = theirs.findNode(node.name);
            ASSERT_NE(other, nullptr) << node.name;
            EXPECT_EQ(node.scope, other->scope) << node.name;
            ASSERT_EQ(node.operands.size(), other->operands.size()) << node.name;
            for (std::size_t i = 0; i < node.operands.size(); ++i)
                EXPECT_EQ(node.operands[i].isLiteral(), other->operands[i].isLiteral()) << node.name << " operand " << i;
        }
        ASSERT_FALSE(ours.main.nodes.empty()) << exported;
        int missing = 0;
        for (const graph::Value& value : theirs.values) {
            if (value.kind != graph::ValueKind::Weight) continue;
            const auto id = ours.findValue(value.name);
            // Export keeps one name of a tied weight.
            if (!id && exported == "tied" && ++missing == 1) continue;
            ASSERT_TRUE(id) << value.name;
            EXPECT_EQ(ours.value(*id).isParameter, value.isParameter) << value.name;
            EXPECT_EQ(ours.value(*id).data.shape(), value.data.shape()) << value.name;
        }
    }
}

std::vector<std::string> inputNames(const Graph& graph) {
    std::vector<std::string> result;
    for (const graph::ValueId id : graph.main.inputs)
        result.push_back(graph.value(id).name);
    return result;
}

TEST(ExportedProgramReader, InputsAndOutputsHaveTheNamesThatCallersKnow) {
    const Graph named = readFixture("named");
    EXPECT_EQ(inputNames(named), (std::vector<std::string>{"x", "shift", "mask"}));
    EXPECT_EQ(graph::outputNames(named), (std::vector<std::string>{"logits", "extra.0", "extra.1.sum", "list.0"}));
    EXPECT_EQ(graph::outputNames(readFixture("named_tuple")), (std::vector<std::string>{"mean", "std"}));
    EXPECT_EQ(graph::outputNames(readFixture("multiple_outputs")), (std::vector<std::string>{"max_out0", "where", "scaled", "cat_out"}));
}

TEST(ExportedProgramReader, DecomposedProgramsGetTheirLayersBack) {
    for (const char* name : {"residual_decomposed", "residual_training_decomposed"}) {
        const Graph graph = readFixture(name);
        ASSERT_NE(graph.findNode("layer1.0.bn1"), nullptr) << name;
        EXPECT_EQ(graph.findNode("layer1.0.bn1")->op, "aten::batch_norm");
        EXPECT_EQ(graph.findNode("layer1.0.conv1")->op, "aten::conv2d");
        EXPECT_EQ(graph.findNode("fc")->op, "aten::linear");
        EXPECT_EQ(graph.findNode("layer1.0.bn1")->operands[5].literal<bool>(), false);
        EXPECT_EQ(names(graph).size(), names(readFixture("residual")).size()) << name;
    }
}

TEST(ExportedProgramReader, KnowsShapesSymbolsAndTheirRanges) {
    const auto model = readExportedProgram(fixture("dynamic_batch.pt2"));
    ASSERT_TRUE(model) << model.error().text();
    const graph::Value& input = model->graph.value(model->graph.main.inputs.at(0));
    ASSERT_TRUE(input.shape);
    ASSERT_EQ(input.shape->size(), 4U);
    EXPECT_LT(input.shape->at(0).size, 0);
    EXPECT_FALSE(input.shape->at(0).symbol.empty());
    EXPECT_EQ(input.shape->at(2).size, 16);
    EXPECT_EQ(input.dtype, tensor::DType::Float32);
    ASSERT_EQ(model->notes.size(), 1U);
    EXPECT_EQ(model->notes[0], "The size " + input.shape->at(0).symbol + " is at least 2 and at most 64.");
}

TEST(ExportedProgramReader, KeepsThePlaceInThePythonSource) {
    const Graph graph = readFixture("residual");
    EXPECT_TRUE(graph.findNode("layer1.1.conv1")->source.file.ends_with("make_torchscript_fixtures.py"));
    EXPECT_EQ(graph.findNode("layer1.1.conv1")->source.line,
              readTorchScriptFixture("residual_scripted").findNode("layer1.1.conv1")->source.line);
}

TEST(ExportedProgramReader, QuantizedNodesAreOurs) {
    const Graph graph = readFixture("quantized");
    const auto all = ops(graph);
    EXPECT_EQ(std::ranges::count(all, "quantized_decomposed::quantize_per_tensor"), 3);
    EXPECT_EQ(std::ranges::count(all, "quantized_decomposed::dequantize_per_channel"), 1);
    const auto weight = graph.findValue("conv_weight");
    ASSERT_TRUE(weight);
    EXPECT_EQ(graph.value(*weight).data.dtype(), tensor::DType::Int8);
    const auto plan = runtime::Plan::compile(graph, {});
    ASSERT_TRUE(plan) << plan.error().text();
    EXPECT_TRUE(std::ranges::any_of(plan->instructions(), [](const auto& info) { return info.kernel.find("int8") != std::string::npos; }));
}

TEST(ExportedProgramReader, ABufferThatTheModelChangesIsKept) {
    for (const char* name : {"counter", "counter_decomposed"}) {
        const auto model = readExportedProgram(fixture(std::string(name) + ".pt2"));
        ASSERT_TRUE(model) << model.error().text();
        EXPECT_TRUE(model->problems.empty()) << model->problems.front().reason;
        ASSERT_EQ(model->notes.size(), 1U);
        EXPECT_NE(model->notes[0].text().find("\"calls\""), std::string::npos) << model->notes[0];
        const Node& last = model->graph.main.nodes.back();
        EXPECT_EQ(last.op, "lathe::keep_state");
        EXPECT_EQ(model->graph.value(last.operands[0].value()).name, "calls");
    }
}

TEST(ExportedProgramReader, StoredWeightsStayInTheFile) {
    const Graph stored = readFixture("lenet"), packed = readFixture("lenet_strict");
    const auto conv = stored.findValue("conv1.weight"), other = packed.findValue("conv1.weight");
    ASSERT_TRUE(conv && other);
    EXPECT_TRUE(stored.value(*conv).data.sameContent(packed.value(*other).data));
}

class HostileArchive : public testing::Test {
protected:
    /// The refusal of an archive with these entries besides those that every archive has.
    std::string refusal(const support::ZipEntries& entries) {
        support::ZipEntries all{{"m/archive_format", "pt2"},
                                {"m/data/weights/model_weights_config.json", R"({"config": {}})"},
                                {"m/data/constants/model_constants_config.json", R"({"config": {}})"}};
        all.insert(all.end(), entries.begin(), entries.end());
        support::writeZip(m_folder.path() / "x.pt2", all);
        const auto model = openModel(m_folder.path() / "x.pt2");
        if (model) return "";
        EXPECT_EQ(model.error().code, base::ErrorCode::Rejected);
        EXPECT_EQ(model.error().message.text().find('\n'), std::string::npos) << model.error().message;
        EXPECT_TRUE(model.error().message.text().ends_with(".")) << model.error().message;
        EXPECT_NE(model.error().text().find("x.pt2"), std::string::npos) << model.error().text();
        return model.error().message.text();
    }
    base::TemporaryFolder m_folder;
};

TEST_F(HostileArchive, IsRefusedInOneSentence) {
    const std::vector<std::pair<support::ZipEntries, std::string>> cases{
        {{{"m/models/model.json", "{}"}, {"m/data/aotinductor/model/a.so", "x"}}, "machine code (\"data/aotinductor/model/a.so\")"},
        {{{"m/models/model.json", "{}"}, {"m/libs/a.so", "x"}}, "machine code"},
        {{{"m/models/a.json", "{}"}, {"m/models/b.json", "{}"}}, "several models (\"a\", \"b\")"},
        {{{"m/serialized_exported_program.json", "{}"}}, "pickled the weights"},
        {{{"m/models/model.json", std::string(100'000, '[')}}, "nested more than 128 levels deep"},
        {{{"m/models/model.json", std::string(100'000, '{')}}, "The program cannot be read"},
        {{{"m/models/model.json", ""}}, "it is empty"},
        {{{"m/models/model.json", "[1, 2"}}, "not valid JSON (line 1, column"},
        {{{"m/models/model.json", R"({"a": 1, "a": 2})"}}, "The program cannot be read"},
        {{{"m/models/model.json", R"({"schema_version": {"major": 9, "minor": 0}})"}}, "from a newer PyTorch"},
        {{{"m/models/model.json", "3"}}, "is not an object"},
        {{{"m/models/other.json", "{}"}}, "does not describe its weights"},
    };
    for (const auto& [entries, words] : cases) {
        const std::string message = refusal(entries);
        EXPECT_NE(message.find(words), std::string::npos) << words << " is not in: " << message;
    }
}

TEST_F(HostileArchive, AnyDamageIsOneSentence) {
    const std::string whole = base::readFile(fixture("residual.pt2")).value();
    const fs::path file = m_folder.path() / "damaged.pt2";
    int refused = 0;
    for (std::size_t at = 0; at < whole.size(); at += 97) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(~damaged[at]);
        ASSERT_TRUE(base::writeFile(file, damaged));
        const auto opened = openModel(file);
        if (opened) continue;
        ++refused;
        const std::string message = opened.error().message.text();
        EXPECT_EQ(opened.error().code, base::ErrorCode::Rejected) << message;
        EXPECT_EQ(message.find('\n'), std::string::npos) << message;
        EXPECT_TRUE(message.ends_with(".")) << message;
    }
    EXPECT_GT(refused, 20);
}

} // namespace
} // namespace lathe::formats
