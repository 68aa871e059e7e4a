#include <core/formats/exported_program/convert.h>

#include <functional>

#include <gtest/gtest.h>

namespace lathe::formats {
namespace {

using base::Json;

/// relu(linear(x)): two nodes, one weight.
Json smallProgram() {
    return Json::parse(R"json({
      "graph_module": {
        "graph": {
          "inputs": [{"as_tensor": {"name": "p_w"}}, {"as_tensor": {"name": "x"}}],
          "outputs": [{"as_tensor": {"name": "relu"}}],
          "nodes": [
            {"target": "torch.ops.aten.linear.default", "name": "linear", "metadata": {"nn_module_stack": "L__self__,,N;L__self__fc,fc,L"},
             "inputs": [{"name": "input", "arg": {"as_tensor": {"name": "x"}}, "kind": 1},
                        {"name": "weight", "arg": {"as_tensor": {"name": "p_w"}}, "kind": 1}],
             "outputs": [{"as_tensor": {"name": "linear"}}]},
            {"target": "torch.ops.aten.relu.default", "name": "relu", "metadata": {},
             "inputs": [{"name": "self", "arg": {"as_tensor": {"name": "linear"}}, "kind": 1}],
             "outputs": [{"as_tensor": {"name": "relu"}}]}
          ],
          "tensor_values": {
            "x": {"dtype": 7, "sizes": [{"as_expr": {"expr_str": "Symbol('s0', integer=True)"}}, {"as_int": 2}]},
            "linear": {"dtype": 7, "sizes": [{"as_expr": {"expr_str": "Symbol('s0', integer=True)"}}, {"as_int": 2}]}
          },
          "sym_int_values": {}, "sym_bool_values": {}
        },
        "signature": {
          "input_specs": [{"parameter": {"arg": {"name": "p_w"}, "parameter_name": "fc.weight"}},
                          {"user_input": {"arg": {"as_tensor": {"name": "x"}}}}],
          "output_specs": [{"user_output": {"arg": {"as_tensor": {"name": "relu"}}}}]
        }
      },
      "range_constraints": {"s0": {"min_val": 2, "max_val": null}},
      "schema_version": {"major": 8, "minor": 17}
    })json");
}

ExportedWeights smallWeights() { return {{"fc.weight", tensor::Tensor::of<float>({2, 2}, {1, 2, 3, 4})}}; }

TEST(ConvertExportedProgram, FillsInDefaultsAndKeepsTheModule) {
    const auto converted = convertExportedProgram(smallProgram(), smallWeights());
    ASSERT_TRUE(converted) << converted.error().text();
    const auto& nodes = converted->graph.main.nodes;
    ASSERT_EQ(nodes.size(), 2U);
    EXPECT_EQ(nodes[0].op, "aten::linear");
    ASSERT_EQ(nodes[0].operands.size(), 3U);
    EXPECT_TRUE(nodes[0].operands[2].isNone());
    EXPECT_EQ(nodes[0].scope, "fc");
    EXPECT_NE(converted->calls.at(nodes[0].name), converted->calls.at(nodes[1].name));
    const auto& input = converted->graph.value(converted->graph.main.inputs.at(0));
    EXPECT_EQ(input.shape, (std::vector<graph::Dim>{{-1, "s0"}, {2, ""}}));
    EXPECT_EQ(converted->notes, (std::vector<base::Message>{"The size s0 is at least 2."}));
}

TEST(ConvertExportedProgram, OtherMinorVersionsAreReadWithANote) {
    Json program = smallProgram();
    program["schema_version"]["minor"] = 3;
    const auto converted = convertExportedProgram(program, smallWeights());
    ASSERT_TRUE(converted) << converted.error().text();
    EXPECT_EQ(converted->notes.at(0), "The file has schema version 8.3; Lathe knows 8.17.");
}

struct Damage {
    std::string name;
    std::function<void(Json&)> apply;
    std::string words; ///< of the refusal
};

Json& node(Json& program, int index) { return program["graph_module"]["graph"]["nodes"][static_cast<std::size_t>(index)]; }

TEST(ConvertExportedProgram, RefusesDamagedProgramsInOneSentence) {
    const std::vector<Damage> damages{
        {"newer", [](Json& p) { p["schema_version"]["major"] = 9; },
         "9.17, but only version 8 can be read: the file is from a newer PyTorch"},
        {"older", [](Json& p) { p["schema_version"]["major"] = 5; }, "export the model again"},
        {"no version", [](Json& p) { p.erase("schema_version"); }, "lacks \"schema_version\""},
        {"no graph", [](Json& p) { p["graph_module"].erase("graph"); }, "lacks \"graph\""},
        {"nodes are a text", [](Json& p) { p["graph_module"]["graph"]["nodes"] = "none"; }, "is not a list"},
        {"node is a number", [](Json& p) { node(p, 0) = 5; }, "is not an object"},
        {"tensor values are a list", [](Json& p) { p["graph_module"]["graph"]["tensor_values"] = Json::array(); }, "is not an object"},
        {"no target", [](Json& p) { node(p, 0).erase("target"); }, "lacks \"target\""},
        {"undefined", [](Json& p) { node(p, 1)["inputs"][0]["arg"]["as_tensor"]["name"] = "y"; }, "\"y\", which is not defined before"},
        {"used before", [](Json& p) { std::swap(node(p, 0), node(p, 1)); }, "\"linear\", which is not defined before"},
        {"defined twice", [](Json& p) { node(p, 1)["outputs"][0]["as_tensor"]["name"] = "linear"; }, "defines \"linear\" a second time"},
        {"missing argument", [](Json& p) { node(p, 0)["inputs"].erase(1); }, "aten::linear without \"weight\""},
        {"unknown argument", [](Json& p) { node(p, 0)["inputs"][1]["name"] = "matrix"; }, "aten::linear without \"weight\""},
        {"extra argument",
         [](Json& p) {
             node(p, 1)["inputs"].push_back({{"name", "slope"}, {"arg", {{"as_int", 1}}}});
         },
         "arguments that it does not have"},
        {"two kinds", [](Json& p) { node(p, 1)["inputs"][0]["arg"]["as_int"] = 3; }, "is not one argument"},
        {"unknown kind",
         [](Json& p) {
             node(p, 1)["inputs"][0]["arg"] = {{"as_complex", {{"real", 1}, {"imag", 2}}}};
         },
         "\"as_complex\""},
        {"unknown dtype",
         [](Json& p) {
             node(p, 1)["inputs"][0]["arg"] = {{"as_scalar_type", 99}};
         },
         "99, which is not known"},
        {"unknown weight", [](Json& p) { p["graph_module"]["signature"]["input_specs"][0]["parameter"]["parameter_name"] = "fc.bias"; },
         "\"fc.bias\", which the archive does not hold"},
        {"custom object",
         [](Json& p) {
             p["graph_module"]["signature"]["input_specs"][0] = {{"custom_obj", {{"custom_obj_name", "tok"}}}};
         },
         "custom object \"tok\""},
        {"unknown input", [](Json& p) { p["graph_module"]["signature"]["input_specs"][1] = Json::object(); }, "unknown kind"},
        {"negative size", [](Json& p) { p["graph_module"]["graph"]["tensor_values"]["x"]["sizes"][1]["as_int"] = -5; }, "not between 0"},
        {"condition without branches", [](Json& p) { node(p, 1)["target"] = "torch.ops.higher_order.cond"; }, "without two branches"},
        {"ranges", [](Json& p) { p["range_constraints"] = 3; }, "is not an object"},
    };
    for (const Damage& damage : damages) {
        Json program = smallProgram();
        damage.apply(program);
        const auto converted = convertExportedProgram(program, smallWeights());
        ASSERT_FALSE(converted) << damage.name;
        const std::string message = converted.error().message.text();
        EXPECT_EQ(converted.error().code, base::ErrorCode::Rejected) << damage.name;
        EXPECT_NE(message.find(damage.words), std::string::npos) << damage.name << ": " << message;
        EXPECT_EQ(message.find('\n'), std::string::npos) << message;
        EXPECT_TRUE(message.ends_with(".")) << message;
    }
}

TEST(ConvertExportedProgram, UnknownOperatorsAreKeptForTheReport) {
    Json program = smallProgram();
    node(program, 1)["target"] = "torch.ops.mylib.special.default";
    const auto converted = convertExportedProgram(program, smallWeights());
    ASSERT_TRUE(converted) << converted.error().text();
    EXPECT_EQ(converted->graph.main.nodes[1].op, "mylib::special");
}

} // namespace
} // namespace lathe::formats
