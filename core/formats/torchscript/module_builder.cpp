#include <core/formats/torchscript/module_builder_torch.h>

#include <algorithm>
#include <array>
#include <utility>

namespace lathe::formats {

namespace {

namespace jit = torch::jit;

/// Names that a module has anyway.
constexpr std::array reserved{"forward", "training"};

std::pair<std::string, std::string> splitLast(const std::string& path) {
    const auto dot = path.rfind('.');
    return dot == std::string::npos ? std::pair<std::string, std::string>("", path) : std::pair(path.substr(0, dot), path.substr(dot + 1));
}

} // namespace

ModuleBuilder::ModuleBuilder(std::shared_ptr<jit::Graph> forward)
    : m_forward(std::move(forward)), m_unit(std::make_shared<jit::CompilationUnit>()) {}

ModuleBuilder::Level& ModuleBuilder::level(const std::string& modulePath) {
    Level* current = &m_root;
    for (std::size_t start = 0; start < modulePath.size();) {
        const auto dot = std::min(modulePath.find('.', start), modulePath.size());
        const std::string name = modulePath.substr(start, dot - start);
        const auto [child, isNew] = current->modules.try_emplace(name);
        if (isNew) {
            current->order.push_back(name);
            current->names.insert(name);
        }
        current = &child->second;
        start = dot + 1;
    }
    return *current;
}

jit::Value* ModuleBuilder::add(const std::string& path, c10::IValue attribute, Role role) {
    const auto [modulePath, wanted] = splitLast(path);
    Level& owner = level(modulePath);
    for (const char* name : reserved)
        owner.names.insert(name);
    std::string name = owner.names.take(wanted);
    jit::Value* placeholder = m_forward->addInput();
    placeholder->setType(attribute.isTensor() ? c10::TensorType::get() : attribute.type());
    owner.attributes.push_back({std::move(name), std::move(attribute), role, placeholder});
    return placeholder;
}

void ModuleBuilder::keep(jit::Value* attribute, jit::Value* next) {
    // Until the owner is known: a node that no pass takes away.
    m_kept[attribute] = m_forward->insertNode(m_forward->create(c10::prim::Print, {attribute, next}, 0));
}

void ModuleBuilder::removeUnused(Level& level) {
    std::erase_if(level.attributes, [this](const Attribute& attribute) {
        if (attribute.placeholder->hasUses()) return false;
        m_forward->eraseInput(attribute.placeholder->offset());
        return true;
    });
    for (auto& [name, module] : level.modules)
        removeUnused(module);
    std::erase_if(level.order, [&level](const std::string& name) {
        const Level& module = level.modules.at(name);
        return module.attributes.empty() && module.order.empty();
    });
}

jit::Module ModuleBuilder::buildLevel(const Level& level, const std::string& className) {
    std::vector<std::pair<std::string, jit::Module>> modules;
    std::string signature = className;
    for (const Attribute& attribute : level.attributes) {
        const std::string type = attribute.value.isTensor() ? "Tensor" : attribute.value.type()->annotation_str();
        signature += ";" + attribute.name + ":" + type + std::to_string(static_cast<int>(attribute.role));
    }
    for (const std::string& name : level.order) {
        modules.emplace_back(name, buildLevel(level.modules.at(name), "Layer"));
        signature += ";" + name + ":" + modules.back().second.type()->annotation_str();
    }

    auto& type = m_classes[signature];
    if (!type) {
        const std::string number = m_classes.size() > 1 && className == "Layer" ? std::to_string(m_classes.size() - 1) : "";
        jit::Module first(c10::QualifiedName("__torch__." + className + number), m_unit);
        for (const Attribute& attribute : level.attributes) {
            first.type()->addAttribute(attribute.name, attribute.value.isTensor() ? c10::TensorType::get() : attribute.value.type(),
                                       attribute.role == Role::Parameter, attribute.role == Role::Buffer);
        }
        for (const auto& [name, module] : modules)
            first.type()->addAttribute(name, module.type());
        type = first.type();
    }
    jit::Module module(m_unit, type);
    for (const Attribute& attribute : level.attributes)
        module._ivalue()->setAttr(attribute.name, attribute.value);
    for (const auto& [name, child] : modules)
        module._ivalue()->setAttr(name, child._ivalue());
    return module;
}

void ModuleBuilder::bind(const Level& level, jit::Value* self) {
    for (const Attribute& attribute : level.attributes) {
        jit::Value* const read = m_forward->insertGetAttr(self, attribute.name);
        attribute.placeholder->replaceAllUsesWith(read);
        if (const auto kept = m_kept.find(attribute.placeholder); kept != m_kept.end()) {
            const jit::WithInsertPoint here(kept->second);
            m_forward->insertNode(m_forward->create(c10::prim::SetAttr, {self, kept->second->input(1)}, 0))
                ->s_(c10::attr::name, attribute.name);
            kept->second->destroy();
        }
        m_forward->eraseInput(attribute.placeholder->offset());
    }
    for (const std::string& name : level.order)
        bind(level.modules.at(name), m_forward->insertGetAttr(self, name));
}

jit::Module ModuleBuilder::build(const std::string& className) {
    removeUnused(m_root);
    jit::Module module = buildLevel(m_root, className);
    jit::Value* self = m_forward->insertInput(0, "self");
    self->setType(module.type());
    {
        const jit::WithInsertPoint start(m_forward->block()->param_node()->next());
        bind(m_root, self);
    }
    auto* forward = m_unit->create_function(c10::QualifiedName(*module.type()->name(), "forward"), m_forward);
    module.type()->addMethod(forward);
    return module;
}

} // namespace lathe::formats
