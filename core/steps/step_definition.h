#pragma once

#include <string>

#include <core/base/result.h>
#include <core/steps/step.h>
#include <core/steps/step_context.h>
#include <core/steps/step_outcome.h>
#include <core/steps/step_spec.h>

namespace lathe::steps {

/// All there is to know of a kind of step. Each stands in a file pair called like its operator, with a line in step_table.cpp.
struct StepDefinition {
    StepSpec spec;
    /// Does the step's work on outcome.graph, which is the model before it. Reports through context.job(). In a preview
    /// (context.isPreview()) it does what it can without data.
    base::Result<> (*apply)(StepOutcome& outcome, const Step& step, StepContext& context) = nullptr;
    /// A few untranslated words for tables and run names: "prune L1 50 %".
    std::string (*brief)(const Step& step) = nullptr;
    /// The warning when the step changed nothing and its own code knows no better reason.
    base::Message nothingChanged = {};
    /// Why a step with these settings cannot do without data ("Fine-tuning needs data."); empty when it can. nullptr: it always can.
    base::Message (*needsData)(const Step& step) = nullptr;
    /// Refuses settings that the types of the parameters allow and the step cannot do, before anything runs. nullptr: there are none.
    base::Result<> (*check)(const Step& step) = nullptr;
    /// Rewrites the graph: outcome gets the parameters before and after and the sum of the layers' losses. Training does not.
    bool rewritesGraph = true;
};

} // namespace lathe::steps
