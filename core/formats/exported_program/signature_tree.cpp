#include <core/formats/exported_program/signature_tree.h>

#include <algorithm>
#include <map>

namespace lathe::formats {

namespace {

using base::Json;
using base::JsonReader;

constexpr int protocol = 1;
constexpr int maxDepth = 64;
constexpr std::size_t maxChildren = 100'000;

/// Keys are text, as a rule; others are what they are called.
std::string keyText(const Json& key) { return key.is_string() ? key.get<std::string>() : key.dump(); }

/// The context of a node is JSON in JSON in JSON: keys; keys with those that were None; or an object with the keys in it.
std::vector<std::string> keysIn(const Json& context, std::size_t count) {
    const Json* keys = &context;
    if (context.is_object() && context.contains("dict_context")) keys = &context["dict_context"];
    if (keys->is_array() && !keys->empty() && keys->front().is_array()) keys = &keys->front();
    std::vector<std::string> texts;
    if (!keys->is_array() || keys->size() != count) return texts;
    for (const Json& key : *keys)
        texts.push_back(keyText(key));
    return texts;
}

std::vector<std::string> fieldsOf(const std::string& type, const Json& fields) {
    std::vector<std::string> names;
    if (!fields.is_object() || !fields.contains(type) || !fields[type].is_object() || !fields[type].contains("field_names")) return names;
    for (const Json& name : fields[type]["field_names"])
        names.push_back(keyText(name));
    return names;
}

SignatureTree read(const JsonReader& node, const Json& fields) {
    SignatureTree tree;
    const bool isLeaf = !node.has("type");
    tree.children = node["children_spec"].list([&](const JsonReader& child) { return read(child, fields); }, maxChildren);
    if (isLeaf || !node.isGood()) {
        if (!tree.children.empty()) node.fail("is a leaf with children");
        return tree;
    }
    const std::string type = node["type"].text();
    const std::string context = node.has("context") ? node["context"].text(1 << 20) : "null";
    tree.kind = SignatureTree::Kind::Sequence;
    if (type == "builtins.tuple" || type == "builtins.list" || type == "collections.deque") return tree;
    if (type == "collections.namedtuple") {
        tree.kind = SignatureTree::Kind::Named;
        tree.keys = fieldsOf(context, fields);
    } else {
        const auto parsed = base::parseJson(context, maxDepth);
        if (parsed) tree.keys = keysIn(*parsed, tree.children.size());
        tree.kind = SignatureTree::Kind::Dictionary;
    }
    if (tree.keys.size() != tree.children.size()) {
        tree.kind = SignatureTree::Kind::Sequence;
        tree.keys.clear();
    }
    return tree;
}

Json json(const SignatureTree& tree) {
    Json children = Json::array();
    for (const SignatureTree& child : tree.children)
        children.push_back(json(child));
    const bool isLeaf = tree.kind == SignatureTree::Kind::Leaf, isDictionary = tree.kind == SignatureTree::Kind::Dictionary;
    // The context is JSON in JSON.
    const Json context = isLeaf ? Json(nullptr) : isDictionary ? Json(Json(tree.keys).dump()) : Json("null");
    const Json type = isLeaf ? Json(nullptr) : Json(isDictionary ? "builtins.dict" : "builtins.tuple");
    return {{"type", type}, {"context", context}, {"children_spec", std::move(children)}};
}

void collectKeys(const SignatureTree& tree, const std::string& key, std::vector<std::string>& keys) {
    if (tree.kind == SignatureTree::Kind::Leaf) {
        keys.push_back(key);
        return;
    }
    for (std::size_t index = 0; index < tree.children.size(); ++index)
        collectKeys(tree.children[index], tree.kind == SignatureTree::Kind::Dictionary ? tree.keys[index] : "", keys);
}

} // namespace

base::Result<SignatureTree> signatureTree(const std::string& text, const Json& fields) {
    // Each node of the tree is two levels of JSON.
    const auto json = base::parseJson(text, 2 * maxDepth);
    if (!json) return base::forward(json);
    const JsonReader in(*json, "The signature");
    if (!json->is_array() || json->size() != 2 || (*json)[0] != protocol) {
        in.fail("is of a protocol that is not known");
        return in.finish(SignatureTree{});
    }
    const JsonReader tree((*json)[1], "The signature");
    return tree.finish(read(tree, fields));
}

std::string signatureText(const SignatureTree& tree) { return Json::array({protocol, json(tree)}).dump(); }

std::size_t leafCount(const SignatureTree& tree) {
    if (tree.kind == SignatureTree::Kind::Leaf) return 1;
    std::size_t count = 0;
    for (const SignatureTree& child : tree.children)
        count += leafCount(child);
    return count;
}

std::vector<std::string> inputKeys(const SignatureTree& inputs) {
    std::vector<std::string> keys;
    collectKeys(inputs, "", keys);
    std::map<std::string, int> counts;
    for (const std::string& key : keys)
        ++counts[key];
    for (std::string& key : keys) {
        if (counts[key] > 1) key.clear();
    }
    return keys;
}

} // namespace lathe::formats
