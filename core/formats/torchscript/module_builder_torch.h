#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>

#include <core/base/unique_names.h>

namespace lathe::formats {

/// Grows the attributes of a module tree while the code of its forward is being written. Modules of the same attributes share one class, so
/// that their description is stored once.
class ModuleBuilder {
public:
    explicit ModuleBuilder(std::shared_ptr<torch::jit::Graph> forward);

    enum class Role { Parameter, Buffer, Attribute };
    /// The value of the attribute at `path` ("conv1.weight"): of the submodule "conv1", which is made when needed. A path that is taken
    /// gets a number.
    torch::jit::Value* add(const std::string& path, c10::IValue attribute, Role role);

    /// Where forward is being written, the attribute (what add() gave) becomes `next`.
    void keep(torch::jit::Value* attribute, torch::jit::Value* next);

    /// The module with all attributes that forward still uses. Call once.
    [[nodiscard]] torch::jit::Module build(const std::string& className);

private:
    struct Attribute {
        std::string name;
        c10::IValue value;
        Role role = Role::Attribute;
        torch::jit::Value* placeholder = nullptr; ///< an input of forward until build()
    };
    struct Level {
        std::vector<Attribute> attributes;
        std::map<std::string, Level> modules;
        std::vector<std::string> order; ///< of the modules
        base::UniqueNames names;        ///< of attributes and modules
    };

    Level& level(const std::string& modulePath);
    torch::jit::Module buildLevel(const Level& level, const std::string& className);
    void bind(const Level& level, torch::jit::Value* self);
    void removeUnused(Level& level);

    std::shared_ptr<torch::jit::Graph> m_forward;
    std::shared_ptr<torch::jit::CompilationUnit> m_unit;
    Level m_root;
    std::map<torch::jit::Value*, torch::jit::Node*> m_kept; ///< assignments, whose owner is not known before build()
    std::map<std::string, c10::ClassTypePtr> m_classes;     ///< by their attributes
};

} // namespace lathe::formats
