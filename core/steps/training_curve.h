#pragma once

#include <array>
#include <string_view>
#include <vector>

#include <core/base/translatable.h>

namespace lathe::steps {

/// How a training went: a number for each epoch that was done. Those of samples that were set aside are empty where there are none.
struct TrainingCurve {
    std::vector<double> losses;               ///< mean training loss
    std::vector<double> learningRates;        ///< of the last optimizer step of the epoch
    std::vector<double> validationLosses;     ///< mean loss of the samples set aside
    std::vector<double> validationAccuracies; ///< share of right answers among them, 0 to 1; empty too where labels are numbers
    bool operator==(const TrainingCurve&) const = default;
};

/// A part of the curve: what it is called in documents, files and tables, and for people.
struct TrainingCurvePart {
    std::string_view name; ///< in files; see core/history/step_curve.h too
    std::vector<double> TrainingCurve::*values;
    const char* words; ///< English; in other languages by the context "Figure"
    bool isFraction = false;
    bool isInOldDocuments = false; ///< as a list of their own
};

inline constexpr std::array trainingCurveParts = {
    TrainingCurvePart{"epoch_losses", &TrainingCurve::losses, base::translatable("Figure", "Training loss"), false, true},
    TrainingCurvePart{"learning_rates", &TrainingCurve::learningRates, base::translatable("Figure", "Learning rate")},
    TrainingCurvePart{"validation_losses", &TrainingCurve::validationLosses, base::translatable("Figure", "Validation loss")},
    TrainingCurvePart{"validation_accuracies", &TrainingCurve::validationAccuracies, base::translatable("Figure", "Validation accuracy"),
                      true},
};

} // namespace lathe::steps
