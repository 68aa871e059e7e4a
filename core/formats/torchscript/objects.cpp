#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <torch/csrc/jit/ir/ir.h>

#include <core/formats/torchscript/objects_torch.h>

namespace lathe::formats {

namespace {

namespace jit = torch::jit;

/// In the order in which they run.
void collect(jit::Block* block, std::vector<jit::Node*>& nodes) {
    for (jit::Node* node : block->nodes()) {
        nodes.push_back(node);
        for (jit::Block* inner : node->blocks())
            collect(inner, nodes);
    }
}

bool onlyHolds(const jit::Node& object) {
    return std::ranges::all_of(object.output()->uses(), [&](const jit::Use& use) {
        const bool isAssigned =
            use.user->kind() == c10::prim::SetAttr && use.offset == 0 && use.user->owningBlock() == object.owningBlock();
        return isAssigned || use.user->kind() == c10::prim::GetAttr;
    });
}

void dissolve(jit::Node* object, const std::vector<jit::Node*>& nodes) {
    std::map<std::string, jit::Value*> held;
    std::vector<jit::Node*> done;
    for (jit::Node* node : nodes) {
        if (node->inputs().empty() || node->input(0) != object->output()) continue;
        jit::Value*& value = held[node->s(c10::attr::name)];
        if (node->kind() == c10::prim::SetAttr)
            value = node->input(1);
        else if (value != nullptr)
            node->output()->replaceAllUsesWith(value);
        else
            return; // read before it is assigned
        done.push_back(node);
    }
    for (jit::Node* node : done)
        node->destroy();
    object->destroy();
}

} // namespace

void dissolveObjects(jit::Graph& graph) {
    std::vector<jit::Node*> nodes;
    collect(graph.block(), nodes);
    // Inner ones last: an object that another one holds is free only then.
    std::vector<jit::Node*> objects;
    std::ranges::copy_if(nodes, std::back_inserter(objects), [](const jit::Node* node) { return node->kind() == c10::prim::CreateObject; });
    for (auto object = objects.rbegin(); object != objects.rend(); ++object) {
        if (!onlyHolds(**object)) continue;
        dissolve(*object, nodes);
        nodes.clear();
        collect(graph.block(), nodes);
    }
}

} // namespace lathe::formats
