#include <core/steps/clean_dead_code.h>

#include <core/transform/clean/dead_code.h>

namespace lathe::steps {

StepDefinition cleanDeadCode() {
    return {
        .spec = {"clean.dead_code", {}},
        .apply = [](StepOutcome& outcome, const Step&, StepContext&) -> base::Result<> {
            outcome.figures["changed_nodes"] = transform::removeDeadCode(outcome.graph);
            return {};
        },
        .brief = [](const Step&) -> std::string { return "clean"; },
        .nothingChanged = {"clean.nothingToRemove", {}},
    };
}

} // namespace lathe::steps
