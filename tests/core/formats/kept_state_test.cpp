#include <core/formats/kept_state.h>

#include <filesystem>
#include <functional>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <core/base/files.h>
#include <core/data/npz.h>
#include <core/formats/model_file.h>
#include <core/graph/state.h>
#include <core/runtime/plan_torch.h>

namespace lathe::formats {
namespace {

namespace fs = std::filesystem;
constexpr int calls = 4;

at::Tensor sample(int call) { return at::arange(6, at::kFloat).reshape({2, 3}).add(call); }

/// What PyTorch gives in one call after the other.
std::vector<at::Tensor> expectedOf(torch::jit::Module module) {
    std::vector<at::Tensor> outputs;
    for (int call = 0; call < calls; ++call)
        outputs.push_back(module.forward({sample(call)}).toTensor().clone());
    return outputs;
}

void expectStreams(const graph::Graph& graph, const std::vector<at::Tensor>& expected, const std::string& what) {
    const std::vector<graph::State> states = graph::statesOf(graph);
    ASSERT_FALSE(states.empty()) << what;
    auto plan = runtime::Plan::compile(graph::withStateOutside(graph), {});
    ASSERT_TRUE(plan) << what << ": " << plan.error().text() << graph::text(graph);
    std::vector<c10::IValue> carried;
    for (const graph::State& state : states)
        carried.emplace_back(runtime::toAten(state.data).clone());
    for (int call = 0; call < calls; ++call) {
        std::vector<c10::IValue> inputs{sample(call)};
        inputs.insert(inputs.end(), carried.begin(), carried.end());
        const auto outputs = plan->run(inputs);
        ASSERT_TRUE(outputs) << what << ": " << outputs.error().text() << graph::text(graph);
        ASSERT_EQ(outputs->size(), 1 + states.size());
        const at::Tensor& wanted = expected[static_cast<std::size_t>(call)];
        EXPECT_TRUE(at::allclose(outputs->front().toTensor(), wanted)) << what << ", call " << call << graph::text(graph);
        carried.assign(outputs->begin() + 1, outputs->end());
    }
}

/// A run begins with what is in the file, whatever ran before.
void expectRunsBeginAnew(const graph::Graph& graph, const std::vector<at::Tensor>& expected, const std::string& what) {
    auto plan = runtime::Plan::compile(graph, {});
    ASSERT_TRUE(plan) << what << ": " << plan.error().text();
    for (int run = 0; run < 2; ++run) {
        const auto output = plan->run(std::vector<c10::IValue>{sample(0)});
        ASSERT_TRUE(output) << what << ": " << output.error().text();
        ASSERT_EQ(output->size(), 1U);
        EXPECT_TRUE(at::allclose(output->front().toTensor(), expected[0])) << what << ", run " << run << graph::text(graph);
    }
}

struct Script {
    const char* name;
    const char* source;
    bool isTensors = true; ///< without numbers and decisions, which only TorchScript can say
};

const std::vector<Script> scripts{
    {"a tensor", "def forward(self, x):\n    self.hidden = x.sum(0) + self.hidden * 0.5\n    return x * self.hidden\n"},
    {"written in place", "def forward(self, x):\n    self.hidden += x.sum(0)\n    return x * self.hidden\n"},
    {"two that change places", "def forward(self, x):\n    old = self.hidden\n    self.hidden = self.other\n    self.other = old + "
                               "x.sum(0)\n    return x * self.hidden\n"},
    {"numbers",
     "def forward(self, x):\n    self.count = self.count + 1\n    self.rate = self.rate * 0.5\n    y = x * self.count + self.rate\n"
     "    if self.isFirst:\n        y = y + 100.0\n    self.isFirst = False\n    return y\n",
     false},
    {"a decision",
     "def forward(self, x):\n    if self.count == 2:\n        self.hidden = x.sum(0)\n    self.count = self.count + 1\n    return x + "
     "self.hidden\n",
     false},
    {"of another size after the first call",
     "def forward(self, x):\n    if len(self.empty) == 0:\n        self.empty = torch.ones([3])\n    self.empty = self.empty + x.sum(0)\n"
     "    return x + self.empty\n",
     false}};

torch::jit::Module moduleOf(const Script& script) {
    torch::jit::Module module("Model");
    module.register_buffer("hidden", at::full({3}, 2.0));
    module.register_buffer("other", at::full({3}, 5.0));
    module.register_buffer("empty", at::zeros({0}));
    module.register_attribute("count", c10::IntType::get(), 1);
    module.register_attribute("rate", c10::FloatType::get(), 8.0);
    module.register_attribute("isFirst", c10::BoolType::get(), true);
    module.define(script.source);
    return module;
}

TEST(KeptState, StreamsAsPyTorchDoesFromEachFormatItIsWrittenTo) {
    const base::TemporaryFolder folder;
    for (const Script& script : scripts) {
        const fs::path file = folder.path() / "model.pt";
        moduleOf(script).save(file.string());
        const auto expected = expectedOf(torch::jit::load(file.string()));
        ASSERT_FALSE(at::allclose(expected[1], torch::jit::load(file.string()).forward({sample(1)}).toTensor())) << "nothing is kept";
        auto model = openModel(file);
        ASSERT_TRUE(model) << script.name << ": " << model.error().text();
        EXPECT_TRUE(model->report.runs) << script.name;
        EXPECT_FALSE(model->report.keepsState) << script.name;
        expectStreams(model->graph, expected, script.name);
        expectRunsBeginAnew(model->graph, expected, script.name);

        const std::string asScript = std::string(script.name) + " as TorchScript";
        const auto written = writeTorchScript(model->graph, folder.path() / "again.pt");
        ASSERT_TRUE(written) << asScript << ": " << written.error().text();
        const auto again = expectedOf(torch::jit::load((folder.path() / "again.pt").string()));
        for (std::size_t call = 0; call < again.size(); ++call)
            EXPECT_TRUE(at::allclose(again[call], expected[call])) << asScript << ", call " << call;
        const auto reopened = openModel(folder.path() / "again.pt");
        ASSERT_TRUE(reopened) << asScript << ": " << reopened.error().text();
        expectStreams(reopened->graph, expected, asScript);
        if (!script.isTensors) continue;

        for (graph::Value& value : model->graph.values) { // as the engine learns them from data
            if (value.kind == graph::ValueKind::Weight) continue;
            value.dtype = tensor::DType::Float32;
        }
        const std::string asOnnx = std::string(script.name) + " as ONNX";
        const auto onnx = writeOnnx(model->graph, folder.path() / "again.onnx");
        ASSERT_TRUE(onnx) << asOnnx << ": " << onnx.error().text();
        const auto fromOnnx = openModel(folder.path() / "again.onnx");
        ASSERT_TRUE(fromOnnx) << asOnnx << ": " << fromOnnx.error().text();
        EXPECT_EQ(graph::statesOf(fromOnnx->graph).front().input, graph::statesOf(model->graph).front().input);
        expectStreams(fromOnnx->graph, expected, asOnnx);
        expectRunsBeginAnew(fromOnnx->graph, expected, asOnnx);
    }
}

TEST(KeptState, OfExportedPrograms) {
    const auto fixture = [](const std::string& name) { return fs::path(LATHE_SOURCE_DIR) / "tests/data/exported" / name; };
    const base::TemporaryFolder folder;
    for (const char* name : {"counter", "counter_decomposed"}) {
        const auto model = openModel(fixture(std::string(name) + ".pt2"));
        ASSERT_TRUE(model) << model.error().text();
        EXPECT_TRUE(model->report.runs) << name << ": " << model->report.problems.front().reason;
        const auto states = graph::statesOf(model->graph);
        ASSERT_EQ(states.size(), 1U) << name;
        EXPECT_EQ(states[0].input, "calls");
        const auto written = writeExportedProgram(model->graph, folder.path() / "again.pt2");
        ASSERT_TRUE(written) << name << ": " << written.error().text();
        for (const fs::path& file : {fixture(std::string(name) + ".pt2"), folder.path() / "again.pt2"}) {
            const auto read = openModel(file);
            ASSERT_TRUE(read) << read.error().text();
            auto plan = runtime::Plan::compile(graph::withStateOutside(read->graph), {});
            ASSERT_TRUE(plan) << plan.error().text();
            c10::IValue state = runtime::toAten(graph::statesOf(read->graph).at(0).data).clone();
            const double first = state.toTensor().to(at::kDouble).sum().item<double>();
            for (int call = 1; call <= 3; ++call) {
                const auto outputs = plan->run(std::vector<c10::IValue>{at::ones({2}), state});
                ASSERT_TRUE(outputs) << outputs.error().text();
                state = outputs->at(1);
                EXPECT_DOUBLE_EQ(state.toTensor().to(at::kDouble).sum().item<double>(), first + call) << name;
            }
        }
    }
}

TEST(KeptState, ThatNoOutputDependsOnIsLeftOut) {
    const base::TemporaryFolder folder;
    const std::vector<const char*> unread{"def forward(self, x):\n    self.count = self.count + 1\n    return x * 2\n",
                                          "def forward(self, x):\n    if self.isFirst:\n        self.isFirst = False\n    return x * 2\n",
                                          "def forward(self, x):\n    self.hidden = self.hidden * 0.5 + x.sum(0)\n    return x * 2\n"};
    for (const char* source : unread) {
        moduleOf({"", source}).save((folder.path() / "model.pt").string());
        const auto model = openModel(folder.path() / "model.pt");
        ASSERT_TRUE(model) << model.error().text();
        EXPECT_TRUE(graph::statesOf(model->graph).empty()) << source;
        EXPECT_EQ(model->graph.main.nodes.size(), 1U) << graph::text(model->graph);
        EXPECT_TRUE(model->report.notes.empty());
    }
    // One that another depends on stays, with the other.
    moduleOf({"", "def forward(self, x):\n    self.count = self.count + 1\n    self.hidden = self.hidden * self.count\n"
                  "    return x + self.hidden\n"})
        .save((folder.path() / "model.pt").string());
    const auto both = openModel(folder.path() / "model.pt");
    ASSERT_TRUE(both) << both.error().text();
    EXPECT_EQ(graph::statesOf(both->graph).size(), 2U);
}

TEST(KeptState, IsSaid) {
    const base::TemporaryFolder folder;
    moduleOf(scripts[0]).save((folder.path() / "model.pt").string());
    const auto model = openModel(folder.path() / "model.pt");
    ASSERT_TRUE(model) << model.error().text();
    ASSERT_EQ(model->report.notes.size(), 1U);
    EXPECT_EQ(model->report.notes[0], "The model keeps state from call to call (\"hidden\"). Here each sample begins with the state in the "
                                      "file; exported models keep it as the original does.");
}

} // namespace
} // namespace lathe::formats
