#include <core/formats/exported_program/signature_tree.h>

#include <gtest/gtest.h>

namespace lathe::formats {
namespace {

using base::Json;
using Kind = SignatureTree::Kind;

const SignatureTree leaf;

/// One node of the schema.
Json node(const Json& type, const Json& context, std::vector<Json> children = {}) {
    return {{"type", type}, {"context", context}, {"children_spec", std::move(children)}};
}
Json leafNode() { return node(nullptr, nullptr); }

base::Result<SignatureTree> read(const Json& root, const Json& fields = {}) { return signatureTree(Json::array({1, root}).dump(), fields); }

TEST(SignatureTree, WhatIsWrittenIsReadAgain) {
    const SignatureTree dictionary{Kind::Dictionary, {"a", "b \"c\""}, {leaf, {Kind::Sequence, {}, {leaf, leaf}}}};
    const SignatureTree tree{Kind::Sequence, {}, {dictionary, leaf, {Kind::Sequence, {}, {}}}};
    const auto again = signatureTree(signatureText(tree), {});
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(leafCount(*again), 4U);
    EXPECT_EQ(signatureText(*again), signatureText(tree));
    EXPECT_EQ(again->children[0].keys, dictionary.keys);
}

TEST(SignatureTree, ReadsDictionariesOfAllKinds) {
    const std::vector<std::pair<const char*, const char*>> nodes{
        {"builtins.dict", R"(["x", "y"])"},
        {"collections.OrderedDict", R"(["x", "y"])"},
        {"collections.defaultdict", R"({"default_factory_module": "builtins", "dict_context": ["x", "y"]})"},
        {"transformers.modeling_outputs.Something", R"(["x", "y"])"},
        {"a.registered.Dataclass", R"([["x", "y"], ["z"]])"}};
    for (const auto& [type, context] : nodes) {
        const auto tree = read(node(type, context, {leafNode(), leafNode()}));
        ASSERT_TRUE(tree) << tree.error().text();
        EXPECT_EQ(tree->kind, Kind::Dictionary) << type;
        EXPECT_EQ(tree->keys, (std::vector<std::string>{"x", "y"})) << type;
    }
    EXPECT_EQ(read(node("builtins.dict", "[1, true]", {leafNode(), leafNode()}))->keys, (std::vector<std::string>{"1", "true"}));
}

TEST(SignatureTree, NamedTuplesHaveTheFieldsOfTheFile) {
    const Json pair = node("collections.namedtuple", "mine.Pair", {leafNode(), leafNode()});
    const auto tree = read(pair, Json::parse(R"({"mine.Pair": {"field_names": ["mean", "std"]}})"));
    ASSERT_TRUE(tree) << tree.error().text();
    EXPECT_EQ(tree->kind, Kind::Named);
    EXPECT_EQ(tree->keys, (std::vector<std::string>{"mean", "std"}));
    EXPECT_EQ(read(pair)->kind, Kind::Sequence); // not known: by their places
}

TEST(SignatureTree, ObjectsOfUnknownMembersAreSequences) {
    for (const char* context : {"null", "not JSON", R"(["only one"])", R"({"a": 1})"}) {
        const auto tree = read(node("some.Type", context, {leafNode(), leafNode()}));
        ASSERT_TRUE(tree) << context;
        EXPECT_EQ(tree->kind, Kind::Sequence) << context;
        EXPECT_EQ(leafCount(*tree), 2U) << context;
    }
}

TEST(SignatureTree, RefusesWhatIsNoTree) {
    for (const char* text :
         {"", "[", "[1]", "{}", "[2, null]", "[1, null]", "[1, {}]", R"([1, {"type": 3, "context": null, "children_spec": []}])",
          R"([1, {"type": null, "context": null, "children_spec": [3]}])"})
        EXPECT_FALSE(signatureTree(text, {})) << text;
    std::string deep = "null";
    for (int level = 0; level < 1000; ++level)
        deep = R"({"type": "builtins.tuple", "context": "null", "children_spec": [)" + deep + "]}";
    EXPECT_FALSE(signatureTree("[1, " + deep + "]", {}));
}

TEST(SignatureTree, InputsHaveTheKeysThatAreTheirsAlone) {
    const SignatureTree first{Kind::Dictionary, {"x", "same", "images"}, {leaf, leaf, {Kind::Sequence, {}, {leaf, leaf}}}};
    const SignatureTree keywords{Kind::Dictionary, {"mask", "same"}, {leaf, leaf}};
    const SignatureTree inputs{Kind::Sequence, {}, {{Kind::Sequence, {}, {leaf, first}}, keywords}};
    EXPECT_EQ(inputKeys(inputs), (std::vector<std::string>{"", "x", "", "", "", "mask", ""}));
}

} // namespace
} // namespace lathe::formats
