#include <core/formats/torchscript/reader.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <set>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <core/base/files.h>
#include <core/formats/import_report.h>
#include <core/runtime/plan_torch.h>

namespace lathe::formats {
namespace {

namespace fs = std::filesystem;
using graph::Graph;
using graph::Node;

fs::path fixture(const std::string& name) { return fs::path(LATHE_SOURCE_DIR) / "tests/data/torchscript" / (name + ".pt"); }

Graph readFixture(const std::string& name) {
    auto model = readTorchScript(fixture(name));
    EXPECT_TRUE(model) << model.error().text();
    return model ? std::move(model->graph) : Graph{};
}

/// A scripted model from source, saved and read again.
base::Result<ModelContent> readScript(const std::string& source, const std::function<void(torch::jit::Module&)>& fill = {}) {
    const base::TemporaryFolder folder;
    torch::jit::Module module("Model");
    if (fill) fill(module);
    module.define(source);
    module.save((folder.path() / "model.pt").string());
    return readTorchScript(folder.path() / "model.pt");
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

using Names = std::vector<std::string>;

TEST(TorchScriptReader, TracedAndScriptedReadAlike) {
    const Graph traced = readFixture("lenet_traced"), scripted = readFixture("lenet_scripted");
    const Names expected{"conv1", "relu", "max_pool2d", "conv2", "relu_1", "max_pool2d_1", "flatten", "fc1", "relu_2", "fc2"};
    EXPECT_EQ(names(traced), expected);
    EXPECT_EQ(names(scripted), expected);
    EXPECT_EQ(ops(traced), ops(scripted));
    EXPECT_EQ(traced.findNode("conv2")->op, "aten::conv2d");
    int literals = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const Node &a = traced.main.nodes[i], &b = scripted.main.nodes[i];
        ASSERT_EQ(a.operands.size(), b.operands.size()) << a.name;
        for (std::size_t operand = 0; operand < a.operands.size(); ++operand) {
            if (!a.operands[operand].isLiteral()) continue;
            ++literals;
            EXPECT_EQ(a.operands[operand], b.operands[operand]) << a.name << " operand " << operand;
        }
    }
    EXPECT_GE(literals, 20);
}

TEST(TorchScriptReader, WeightsAreNamedByPathAndParametersKnown) {
    const Graph graph = readFixture("residual_scripted");
    const auto weight = graph.findValue("layer1.1.conv1.weight"), mean = graph.findValue("layer1.0.bn1.running_mean");
    ASSERT_TRUE(weight && mean);
    EXPECT_TRUE(graph.value(*weight).isParameter);
    EXPECT_FALSE(graph.value(*mean).isParameter);
    EXPECT_EQ(graph.value(*weight).data.shape(), (tensor::Shape{4, 4, 3, 3}));
    torch::jit::Module module = torch::jit::load(fixture("residual_scripted").string());
    ASSERT_EQ(module.named_parameters().size(), 10U);
    for (const auto& parameter : module.named_parameters()) {
        const auto id = graph.findValue(parameter.name);
        ASSERT_TRUE(id) << parameter.name;
        const auto values = graph.value(*id).data.toFloats();
        const at::Tensor flat = parameter.value.detach().reshape({-1}).contiguous();
        EXPECT_TRUE(std::equal(values.begin(), values.end(), flat.const_data_ptr<float>())) << parameter.name;
    }
}

/// torch.jit.trace of a model in training mode records `training=True`.
TEST(TorchScriptReader, WhatWasTracedInTrainingRunsAsInEvaluation) {
    const auto model = readScript(R"(
def forward(self, x):
    y = torch.batch_norm(x, None, None, self.mean, self.var, True, 0.1, 1e-5, True)
    return torch.dropout(y, 0.5, True)
)",
                                  [](torch::jit::Module& module) {
                                      module.register_buffer("mean", at::zeros({3}));
                                      module.register_buffer("var", at::ones({3}));
                                  });
    ASSERT_TRUE(model) << model.error().text();
    ASSERT_EQ(model->notes.size(), 1U);
    EXPECT_EQ(model->notes[0],
              "The model was recorded while it was training; as after model.eval(), these run as in evaluation: 1 batch_norm, 1 dropout.");
    EXPECT_EQ(model->graph.main.nodes[0].operands[5].literal<bool>(), false) << graph::text(model->graph);
    EXPECT_EQ(model->graph.main.nodes.size(), 1U); // a dropout that lets everything pass is none
    EXPECT_TRUE(model->problems.empty());
}

TEST(TorchScriptReader, ResidualModelsLoseTheirInPlaceOperatorsAndTrainingBranches) {
    const Names expected{
        "stem",         "layer1.0.conv1", "layer1.0.bn1", "layer1.0.relu",   "layer1.0.add",        "layer1.0.relu_1", "layer1.1.conv1",
        "layer1.1.bn1", "layer1.1.relu",  "layer1.1.add", "layer1.1.relu_1", "adaptive_avg_pool2d", "flatten",         "fc"};
    for (const char* name : {"residual_traced", "residual_scripted"}) {
        const Graph graph = readFixture(name);
        EXPECT_EQ(names(graph), expected) << name;
        for (const std::string& op : ops(graph))
            EXPECT_FALSE(op.substr(0, op.find('.')).ends_with("_")) << op;
        const Node* norm = graph.findNode("layer1.0.bn1");
        ASSERT_NE(norm, nullptr);
        EXPECT_EQ(norm->operands[5].literal<bool>(), false);
        EXPECT_EQ(norm->scope, "layer1.0.bn1");
        EXPECT_EQ(graph.findNode("layer1.0.add")->scope, "layer1.0");
    }
}

TEST(TorchScriptReader, KeepsThePlaceInThePythonSource) {
    const Graph scripted = readFixture("residual_scripted");
    const auto& source = scripted.findNode("layer1.1.conv1")->source;
    EXPECT_TRUE(source.file.ends_with("make_torchscript_fixtures.py")) << source.file;
    std::ifstream script(fs::path(LATHE_SOURCE_DIR) / "tests/data/make_torchscript_fixtures.py");
    std::string line;
    for (int number = 0; number < source.line && std::getline(script, line); ++number) {
    }
    EXPECT_NE(line.find("self.conv1(x)"), std::string::npos) << source.line << ": " << line;
    EXPECT_TRUE(readFixture("lenet_traced").findNode("flatten")->source.file.ends_with("make_torchscript_fixtures.py"));
}

TEST(TorchScriptReader, TiedWeightsShareOneStorage) {
    const Graph graph = readFixture("tied");
    const auto encoder = graph.findValue("encoder.weight"), decoder = graph.findValue("decoder.weight"),
               bias = graph.findValue("encoder.bias");
    ASSERT_TRUE(encoder && decoder && bias);
    EXPECT_EQ(graph.value(*encoder).data.storage(), graph.value(*decoder).data.storage());
    EXPECT_NE(graph.value(*encoder).data.storage(), graph.value(*bias).data.storage());
}

TEST(TorchScriptReader, WeightsOutliveTheModule) {
    const Graph graph = readFixture("tied");
    const Graph again = readFixture("tied");
    EXPECT_TRUE(graph.value(*graph.findValue("encoder.weight")).data.sameContent(again.value(*again.findValue("encoder.weight")).data));
}

TEST(TorchScriptReader, ControlFlowBecomesBlocks) {
    const Graph graph = readFixture("control_flow");
    EXPECT_EQ(graph.main.inputs.size(), 1U) << "an argument with a default is left out";
    const Node *loop = graph.findNode("loop"), *condition = graph.findNode("if");
    ASSERT_NE(loop, nullptr);
    ASSERT_NE(condition, nullptr);
    ASSERT_EQ(loop->blocks.size(), 1U);
    EXPECT_EQ(loop->blocks[0].inputs.size(), 2U);
    EXPECT_EQ(loop->blocks[0].outputs.size(), 2U);
    EXPECT_EQ(graph.findNode("step")->op, "aten::linear");
    ASSERT_EQ(condition->blocks.size(), 2U);
    EXPECT_EQ(graph.value(graph.findNode("list_construct")->results[0]).type, graph::TypeKind::TensorList);
    EXPECT_TRUE(makeReport(graph, "torchscript", {}).runs);
}

TEST(TorchScriptReader, ArgumentsThatMayBeLeftOutAreThereWhenTheyAreGiven) {
    const base::TemporaryFolder folder;
    torch::jit::Module module("Model");
    module.define(R"(
def forward(self, x, mask: Optional[Tensor] = None, times: int = 2):
    if mask is not None:
        x = x * mask
    return x * times
)");
    module.save((folder.path() / "model.pt").string());
    const std::vector<std::string> both{"x", "mask", "times"};
    const auto without = readTorchScript(folder.path() / "model.pt"), with = readTorchScript(folder.path() / "model.pt", both);
    ASSERT_TRUE(without && with);
    EXPECT_EQ(without->graph.main.inputs.size(), 1U);
    EXPECT_EQ(ops(without->graph), (Names{"aten::mul.Scalar"}));
    ASSERT_EQ(with->graph.main.inputs.size(), 2U) << "only tensors are given";
    EXPECT_EQ(with->graph.value(with->graph.main.inputs[1]).name, "mask");
    EXPECT_EQ(ops(with->graph), (Names{"aten::mul.Tensor", "aten::mul.Scalar"}));
}

TEST(TorchScriptReader, ListsOfKnownNumbersAreLiteralsAndOthersOperands) {
    const auto model = readScript(R"(
def forward(self, x):
    n = x.size(0)
    a = x.view([n, -1])
    return torch.cat([a, a.sum([1], True)], 1)
)");
    ASSERT_TRUE(model) << model.error().text();
    const Node *view = model->graph.findNode("view"), *cat = model->graph.findNode("cat"), *sum = model->graph.findNode("sum");
    ASSERT_TRUE(view && cat && sum);
    EXPECT_EQ(sum->operands[1].literal<std::vector<std::int64_t>>(), (std::vector<std::int64_t>{1}));
    const auto& size = std::get<std::vector<graph::Operand>>(view->operands[1].content);
    EXPECT_TRUE(size[0].isValue());
    EXPECT_EQ(size[1].literal<std::int64_t>(), -1);
    EXPECT_EQ(std::get<std::vector<graph::Operand>>(cat->operands[0].content).size(), 2U);
}

TEST(TorchScriptReader, AnInPlaceOperatorThatCanBeSeenMakesANewTensor) {
    const auto model = readScript(R"(
def forward(self, x):
    row = x[0]
    row.add_(1)
    return x
)");
    ASSERT_TRUE(model) << model.error().text();
    EXPECT_EQ(ops(model->graph), (Names{"aten::select.int", "aten::add.Scalar", "aten::select_scatter"}));
}

TEST(TorchScriptReader, TensorsInTheCodeAreBuffers) {
    const auto model = readScript("def forward(self, x):\n    return x + self.shift\n",
                                  [](torch::jit::Module& module) { module.register_buffer("shift", at::ones({3})); });
    ASSERT_TRUE(model) << model.error().text();
    const auto shift = model->graph.findValue("shift");
    ASSERT_TRUE(shift);
    EXPECT_FALSE(model->graph.value(*shift).isParameter);
    EXPECT_EQ(model->graph.value(*shift).data.toFloats(), (std::vector<float>{1, 1, 1}));
}

TEST(TorchScriptReader, EveryKindOfOutput) {
    const auto tuple = readScript("def forward(self, x):\n    return x + 1, [x, x * 2]\n");
    ASSERT_TRUE(tuple) << tuple.error().text();
    const graph::Value& output = tuple->graph.value(tuple->graph.main.outputs.at(0).value());
    EXPECT_EQ(output.type, graph::TypeKind::Tuple);
    const auto same = readScript("def forward(self, x):\n    return x\n");
    ASSERT_TRUE(same) << same.error().text();
    EXPECT_TRUE(same->graph.main.nodes.empty());
}

TEST(TorchScriptReader, AModelThatChangesItselfIsReported) {
    const auto model = readScript("def forward(self, x):\n    self.count = self.count + 1\n    return x * self.count\n",
                                  [](torch::jit::Module& module) { module.register_attribute("count", c10::IntType::get(), 0); });
    ASSERT_TRUE(model) << model.error().text();
    EXPECT_TRUE(model->problems.empty());
    EXPECT_FALSE(model->keepsState);
    ASSERT_EQ(model->notes.size(), 1U);
    EXPECT_TRUE(model->notes[0].text().starts_with("The model keeps state from call to call (\"count\").")) << model->notes[0];
}

/// Each run begins with what the model came with: the first call of PyTorch.
void expectFirstCall(const std::string& source, const std::function<void(torch::jit::Module&)>& fill) {
    const base::TemporaryFolder folder;
    torch::jit::Module module("Model");
    fill(module);
    module.define(source);
    module.save((folder.path() / "model.pt").string());
    const at::Tensor x = at::arange(6, at::kFloat).reshape({2, 3});
    const at::Tensor expected = module.forward({x}).toTensor();
    const auto model = readTorchScript(folder.path() / "model.pt");
    ASSERT_TRUE(model) << model.error().text();
    EXPECT_TRUE(model->problems.empty()) << model->problems.front().reason;
    EXPECT_FALSE(model->keepsState);
    auto plan = runtime::Plan::compile(model->graph, {});
    ASSERT_TRUE(plan) << plan.error().text() << graph::text(model->graph);
    for (int call = 0; call < 2; ++call) {
        const std::vector<c10::IValue> inputs{x};
        const auto actual = plan->runTensor(inputs);
        ASSERT_TRUE(actual) << actual.error().text() << graph::text(model->graph);
        EXPECT_TRUE(at::equal(*actual, expected)) << source << graph::text(model->graph);
    }
}

TEST(TorchScriptReader, StateIsReadWhereItWasAssigned) {
    const auto fill = [](torch::jit::Module& module) {
        module.register_buffer("hidden", at::full({3}, 2.0));
        module.register_buffer("empty", at::zeros({0}));
        module.register_attribute("count", c10::IntType::get(), 1);
    };
    expectFirstCall("def forward(self, x):\n    self.hidden = x.sum(0) + self.hidden\n    return x * self.hidden\n", fill);
    // In one branch, in both, in branches of branches.
    expectFirstCall(R"(
def forward(self, x):
    if bool(x.sum() > 100):
        self.hidden = x[0]
        self.count = 7
    else:
        if self.count > 0:
            self.hidden = self.hidden + 1
    self.count = self.count + 1
    return x * self.hidden + self.count
)",
                    fill);
    // In a loop that reads it, with an assignment behind.
    expectFirstCall(R"(
def forward(self, x):
    y = x
    for i in range(x.size(0)):
        self.hidden = self.hidden * 2 + i
        y = y + self.hidden
        self.count += i
    self.hidden = y[0]
    return y + self.count + self.hidden
)",
                    fill);
    // Empty before the first call, as silero-vad's context.
    expectFirstCall(R"(
def forward(self, x):
    if not bool(len(self.empty)):
        self.empty = torch.zeros(3)
    self.empty = self.empty + x[1]
    return torch.cat([self.empty.unsqueeze(0), x])
)",
                    fill);
}

/// On a value that one branch gives as a tensor and the other as None torch's peephole pass says for ever that it has changed something.
TEST(TorchScriptReader, EndsWherePeepholesAreNeverDone) {
    expectFirstCall("def forward(self, x):\n    z = x + 1 if bool(x.sum() > 0) else None\n    if z is not None:\n        x = x + z\n"
                    "    return x\n",
                    [](torch::jit::Module&) {});
}

/// What scripted detectors are made of; one had been called before it was written, so that it holds an object.
TEST(TorchScriptReader, ObjectsAndDictionariesAreFollowed) {
    for (const char* name : {"containers", "containers_called"}) {
        const Graph graph = readFixture(name);
        const auto made = ops(graph);
        EXPECT_EQ(std::ranges::count(made, "prim::CreateObject") + std::ranges::count(made, "prim::GetAttr"), 0) << graph::text(graph);
        // Nothing that is computed depends on whether the warning was given, nor on arguments that are not.
        EXPECT_EQ(std::ranges::count(made, "lathe::keep_state") + std::ranges::count(made, "aten::__isnot__"), 0) << graph::text(graph);
        EXPECT_TRUE(makeReport(graph, "torchscript", {}).problems.empty());
        const std::vector<c10::IValue> inputs{at::arange(12, at::kFloat).reshape({3, 4})};
        const at::Tensor expected = torch::jit::load(fixture(name).string()).forward(inputs).toTensor();
        auto plan = runtime::Plan::compile(graph, {});
        ASSERT_TRUE(plan) << plan.error().text() << graph::text(graph);
        const auto actual = plan->runTensor(inputs);
        ASSERT_TRUE(actual) << actual.error().text() << graph::text(graph);
        EXPECT_TRUE(at::allclose(*actual, expected)) << name;
    }
}

/// The path of the attribute, not its name alone, is what is assigned.
TEST(TorchScriptReader, StateOfPartsIsToldApart) {
    expectFirstCall("def forward(self, x):\n    y = self.a.step(x)\n    return y + self.b.step(y) + self.a.step(x)\n",
                    [](torch::jit::Module& module) {
                        torch::jit::Module part("Part");
                        part.register_buffer("hidden", at::ones({3}));
                        part.define("def step(self, x):\n    self.hidden = self.hidden + x[0]\n    return x * self.hidden\n");
                        torch::jit::Module other = part.clone();
                        module.register_module("a", part);
                        module.register_module("b", other);
                    });
}

TEST(TorchScriptReader, QuantizedLayersAreTakenApart) {
    const auto model = readTorchScript(fixture("quantized"));
    ASSERT_TRUE(model) << model.error().text();
    const std::vector<std::string> expected{"quantized_decomposed::quantize_per_tensor",    "quantized_decomposed::dequantize_per_tensor",
                                            "quantized_decomposed::dequantize_per_channel", "aten::linear",
                                            "quantized_decomposed::quantize_per_tensor",    "quantized_decomposed::dequantize_per_tensor"};
    EXPECT_EQ(ops(model->graph), expected);
    EXPECT_NE(model->graph.findNode("fc"), nullptr);
    EXPECT_TRUE(model->graph.findValue("fc.weight") && model->graph.findValue("fc.bias"));
    EXPECT_TRUE(makeReport(model->graph, "torchscript", model->problems).runs);
}

TEST(TorchScriptReader, RefusesAModelWithoutForward) {
    const auto model = readScript("def predict(self, x):\n    return x\n");
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().code, base::ErrorCode::Rejected);
    EXPECT_EQ(model.error().message, "The model has no forward method.");
}

TEST(TorchScriptReader, RefusesCodeThatExplodesWhenItIsInlined) {
    std::string source = "def f0(self, x):\n    return x + 1\n";
    for (int level = 1; level <= 8; ++level) {
        const std::string callee = "self.f" + std::to_string(level - 1);
        source += "def f" + std::to_string(level) + "(self, x):\n    return x";
        for (int call = 0; call < 10; ++call)
            source += " + " + callee + "(x)";
        source += "\n";
    }
    const auto model = readScript(source + "def forward(self, x):\n    return self.f8(x)\n");
    ASSERT_FALSE(model);
    EXPECT_EQ(model.error().message, "The model has more than a million operations once its calls are resolved.");
}

} // namespace
} // namespace lathe::formats
