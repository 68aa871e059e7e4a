#include <core/steps/step_table.h>

#include <algorithm>
#include <deque>

#include <core/steps/clean_dead_code.h>
#include <core/steps/clean_fold_constants.h>
#include <core/steps/factorize.h>
#include <core/steps/finetune.h>
#include <core/steps/fuse_conv_bn.h>
#include <core/steps/fuse_conv_relu.h>
#include <core/steps/fuse_linear_relu.h>
#include <core/steps/prune_blocks.h>
#include <core/steps/prune_structured.h>
#include <core/steps/prune_unstructured.h>
#include <core/steps/quantize_dynamic.h>
#include <core/steps/quantize_half.h>
#include <core/steps/quantize_static.h>
#include <core/steps/quantize_weight_only.h>
#include <core/steps/recover_batch_norm.h>
#include <core/steps/recover_bias.h>
#include <core/steps/share_codebook.h>
#include <core/steps/share_tied.h>

namespace lathe::steps {

const std::vector<StepDefinition>& stepDefinitions() {
    static const std::vector<StepDefinition> definitions{
        fuseConvBn(),      fuseConvRelu(), fuseLinearRelu(), cleanFoldConstants(), cleanDeadCode(),      pruneUnstructured(),
        pruneStructured(), pruneBlocks(),  factorize(),      shareTied(),          shareCodebook(),      recoverBatchNorm(),
        recoverBias(),     finetune(),     quantizeStatic(), quantizeDynamic(),    quantizeWeightOnly(), quantizeHalf(),
    };
    return definitions;
}

const StepDefinition* findStepDefinition(std::string_view op) {
    const auto& definitions = stepDefinitions();
    const auto found = std::ranges::find(definitions, op, [](const StepDefinition& definition) { return definition.spec.op; });
    return found == definitions.end() ? nullptr : &*found;
}

namespace {

std::vector<StepSpec> ownSpecs() {
    std::vector<StepSpec> specs;
    for (const StepDefinition& definition : stepDefinitions())
        specs.push_back(definition.spec);
    return specs;
}

/// The last counts; the others are kept for those who still look at them.
std::deque<std::vector<StepSpec>>& tables() {
    static std::deque<std::vector<StepSpec>> all{ownSpecs()};
    return all;
}

} // namespace

const std::vector<StepSpec>& stepSpecs() { return tables().back(); }

const StepSpec* findStepSpec(std::string_view op) {
    const auto& specs = stepSpecs();
    const auto found = std::ranges::find(specs, op, &StepSpec::op);
    return found == specs.end() ? nullptr : &*found;
}

void adoptStepSpecs(std::vector<StepSpec> specs) {
    if (specs != stepSpecs()) tables().push_back(std::move(specs));
}

} // namespace lathe::steps
