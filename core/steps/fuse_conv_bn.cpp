#include <core/steps/fuse_conv_bn.h>

#include <core/transform/fuse/conv_batch_norm.h>

namespace lathe::steps {

StepDefinition fuseConvBn() {
    return {
        .spec = {"fuse.conv_bn", {}},
        .apply = [](StepOutcome& outcome, const Step&, StepContext&) -> base::Result<> {
            const auto folded = transform::foldBatchNorm(outcome.graph);
            if (!folded) return base::forward(folded);
            outcome.figures["changed_nodes"] = *folded;
            return {};
        },
        .brief = [](const Step&) -> std::string { return "fuse"; },
        .nothingChanged = {"fuse.nothingToFold", {}},
    };
}

} // namespace lathe::steps
