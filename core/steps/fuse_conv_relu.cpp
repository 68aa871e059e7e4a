#include <core/steps/fuse_conv_relu.h>

#include <core/transform/fuse/conv_relu.h>

namespace lathe::steps {

StepDefinition fuseConvRelu() {
    return {
        .spec = {"fuse.conv_relu", {}},
        .apply = [](StepOutcome& outcome, const Step&, StepContext&) -> base::Result<> {
            outcome.figures["changed_nodes"] = transform::fuseConvRelu(outcome.graph);
            return {};
        },
        .brief = [](const Step&) -> std::string { return "fuse"; },
        .nothingChanged = {"fuse.noConvolution", {}},
    };
}

} // namespace lathe::steps
