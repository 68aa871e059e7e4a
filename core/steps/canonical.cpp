#include <core/steps/canonical.h>

namespace lathe::steps {

const base::Json* findNested(const base::Json& object, std::string_view key) {
    const base::Json* current = &object;
    while (true) {
        const std::size_t dot = key.find('.');
        const auto found = current->find(std::string(key.substr(0, dot)));
        if (found == current->end()) return nullptr;
        current = &*found;
        if (dot == std::string_view::npos) return current;
        key.remove_prefix(dot + 1);
    }
}

base::Json canonical(const StepSpec& spec, const base::Json& parameters, Defaults defaults) {
    base::Json ordered = base::Json::object();
    for (const ParameterSpec& parameter : spec.parameters) {
        const base::Json* set = findNested(parameters, parameter.key);
        if (set == nullptr || (defaults == Defaults::Drop && *set == parameter.defaultValue)) continue;
        const std::size_t dot = parameter.key.find('.');
        if (dot == std::string::npos) {
            ordered[parameter.key] = *set;
        } else {
            ordered[parameter.key.substr(0, dot)][parameter.key.substr(dot + 1)] = *set;
        }
    }
    return ordered;
}

} // namespace lathe::steps
