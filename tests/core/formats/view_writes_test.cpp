#include <core/formats/view_writes.h>

#include <random>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>

#include <core/base/files.h>
#include <core/formats/torchscript/reader.h>
#include <core/graph/operators/operator.h>
#include <core/runtime/plan_torch.h>

namespace lathe::formats {
namespace {

/// Operators that are left in place.
int writesOf(const graph::Graph& graph) {
    int count = 0;
    graph::forEachNode(graph, [&](const graph::Node& node) {
        const std::string op = node.op.substr(0, node.op.find('.'));
        count += op.ends_with('_') ? 1 : 0;
    });
    return count;
}

/// A module as LibTorch writes it and the reader of files reads it.
auto reread(torch::jit::Module& module) {
    const base::TemporaryFolder folder;
    module.save((folder.path() / "model.pt").string());
    return readTorchScript(folder.path() / "model.pt");
}

/// Runs a function body on a 4 x 4 x 4 tensor "x" in LibTorch, and as it is read; returns how many operators stay in place.
int expectSame(const std::string& body) {
    torch::jit::Module module("Model");
    module.define("def forward(self, given):\n    x = given * 1.0\n" + body);
    const auto model = reread(module);
    EXPECT_TRUE(model) << model.error().text();
    if (!model) return -1;
    auto plan = runtime::Plan::compile(model->graph, {});
    EXPECT_TRUE(plan) << body << plan.error().text();
    if (!plan) return -1;
    at::manual_seed(1);
    const at::Tensor input = at::randn({4, 4, 4});
    const at::Tensor expected = module.forward({input.clone()}).toTensor();
    const std::vector<c10::IValue> inputs{input.clone()};
    const auto outputs = plan->run(inputs);
    EXPECT_TRUE(outputs) << body << outputs.error().text() << graph::text(model->graph);
    const bool isSame = outputs && outputs->front().toTensor().allclose(expected, 1e-4, 1e-4); // sums add in the order of memory
    EXPECT_TRUE(isSame) << body << graph::text(model->graph);
    return writesOf(model->graph);
}

struct Case {
    const char* name;
    const char* body;
};

class ViewWrites : public testing::TestWithParam<Case> {};

TEST_P(ViewWrites, MakeNewTensorsWithTheSameNumbers) { EXPECT_EQ(expectSame(std::string(GetParam().body) + "    return x\n"), 0); }

INSTANTIATE_TEST_SUITE_P(Kinds, ViewWrites,
                         testing::Values(Case{"select", "    x[:, 1] = 2.0\n"},
                                         Case{"slices", "    x[:, 1:3, ::2] = x[:, 0:2, 1::2] * 2.0\n"}, //
                                         Case{"arithmetic", "    x[0] += 1.0\n    x[1, 2].mul_(3.0)\n"},
                                         Case{"zero", "    x[-1].zero_()\n    x[:, -2:].fill_(4.0)\n"},
                                         Case{"transposed", "    t = x.transpose(0, 2)\n    t[1] = 5.0\n"},
                                         Case{"permuted", "    t = x.permute(2, 0, 1)\n    t[:, 1].relu_()\n"},
                                         Case{"viewed", "    v = x.view(8, 8)\n    v[2:4] = 1.0\n"},
                                         Case{"unsqueezed", "    v = x.unsqueeze(1)\n    v[:, 0, 2] = 1.0\n"},
                                         Case{"narrowed", "    x.narrow(1, 1, 2).add_(1.0)\n"},
                                         Case{"diagonal", "    x.diagonal(0, 1, 2).fill_(1.0)\n"},
                                         Case{"unbound", "    a, b, c, d = x.unbind(1)\n    b.add_(d)\n    x = x + b.unsqueeze(1)\n"},
                                         Case{"splitInTwo", "    a, b = x.split(2, 1)\n    a.add_(b)\n    x = x * b.sum()\n"},
                                         Case{"earlierViews", "    a = x[0]\n    b = x[0:2]\n    a.mul_(2.0)\n    c = b * 1.0\n"
                                                              "    b.add_(1.0)\n    x = x + a + c.sum()\n"},
                                         Case{"root", "    a = x[1]\n    x.add_(1.0)\n    x = x * a\n"},
                                         Case{"readOnly", "    a = x[1].unsqueeze(0).expand(4, 4, 4)\n    x[1] = 3.0\n    x = x * a\n"}),
                         [](const auto& entry) { return std::string(entry.param.name); });

TEST(ViewWrites, WhatNobodyReadsIsNotMade) {
    torch::jit::Module module("Model");
    module.define("def forward(self, x):\n    rows = (x * 1.0).view([4, 16])\n    rows.relu_()\n    return rows\n");
    const auto model = reread(module);
    ASSERT_TRUE(model) << model.error().text();
    std::vector<std::string> ops;
    graph::forEachNode(model->graph, [&](const graph::Node& node) { ops.push_back(node.op); });
    EXPECT_EQ(ops, (std::vector<std::string>{"aten::mul.Scalar", "aten::view", "aten::relu"})) << "and nothing in the shape of x";
}

TEST(ViewWrites, WhatABranchWritesStaysInPlace) {
    EXPECT_GT(expectSame("    y = x[0]\n    if bool(x.sum() > 0):\n        y.add_(1.0)\n    return x + y\n"), 0);
}

TEST(ViewWrites, WhatMayOrMayNotShowItStaysInPlace) {
    EXPECT_GT(expectSame("    y = x.transpose(0, 1).reshape(16, 4)\n    x[0].add_(1.0)\n    return x + y.sum()\n"), 0);
}

/// Views of views, written and read in any order.
std::string wildBody(unsigned seed) {
    std::mt19937 random(seed);
    struct Value {
        std::string name;
        int rank;
    };
    std::vector<Value> values{{"x", 3}};
    std::string body;
    for (int line = 0; line < 10; ++line) {
        const Value from = values[random() % values.size()];
        const std::string name = "v" + std::to_string(line), axis = std::to_string(random() % static_cast<unsigned>(from.rank));
        const auto add = [&](const std::string& call, int rank) {
            body += "    " + name + " = " + from.name + call + "\n";
            values.push_back({name, rank});
        };
        switch (random() % 9) {
        case 0:
            if (from.rank > 1) add(".select(" + axis + ", " + (random() % 2 == 0 ? "0" : "-1") + ")", from.rank - 1);
            break;
        case 1:
            add(".unsqueeze(" + axis + ")", from.rank + 1);
            break;
        case 2:
            add(".transpose(0, " + axis + ")", from.rank);
            break;
        case 3:
            add(".narrow(" + axis + ", 0, 1)", from.rank);
            break;
        case 4:
            add(" * 2.0", from.rank);
            break;
        case 5:
            body += "    " + from.name + ".fill_(" + std::to_string(line) + ".0)\n";
            break;
        case 6:
            body += "    " + from.name + ".copy_(" + values[random() % values.size()].name + ".sum())\n";
            break;
        default:
            body += "    " + from.name + ".add_(" + std::to_string(line) + ".5)\n";
        }
    }
    std::string result = "    return x.sum(0)";
    for (const Value& value : values)
        result += " + " + value.name + ".sum()";
    return body + result + "\n";
}

TEST(ViewWrites, AnyOrder) {
    for (unsigned seed = 1; seed <= 150; ++seed)
        EXPECT_EQ(expectSame(wildBody(seed)), 0) << seed << "\n" << wildBody(seed);
}

} // namespace
} // namespace lathe::formats
