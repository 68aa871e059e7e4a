#pragma once

#include <string_view>

#include <core/measure/result.h>
#include <core/steps/training_curve.h>

namespace lathe::history {

/// How a training went stands in the result of its step: the training losses in `epochLosses`, the others among its figures, one for each
/// epoch with its number behind it ("validation_losses@3"). So documents, databases and kept stages of all versions hold them.

/// Puts the curve into the result.
void setCurve(measure::StepResult& result, const steps::TrainingCurve& curve);

/// The curve that the result holds; parts that it does not have are empty, single numbers that were not finite are NaN.
[[nodiscard]] steps::TrainingCurve curveOf(const measure::StepResult& result);

/// Is it a figure of one epoch, and so a part of the curve?
[[nodiscard]] bool isOfEpoch(std::string_view figure);

} // namespace lathe::history
