#include <core/history/step_curve.h>

#include <limits>
#include <string>

namespace lathe::history {

namespace {

constexpr char separator = '@';

std::string figureOf(const steps::TrainingCurvePart& part, std::size_t epoch) {
    return std::string(part.name) + separator + std::to_string(epoch + 1);
}

} // namespace

void setCurve(measure::StepResult& result, const steps::TrainingCurve& curve) {
    result.epochLosses = curve.losses;
    for (const steps::TrainingCurvePart& part : steps::trainingCurveParts) {
        if (part.isInOldDocuments) continue;
        const std::vector<double>& values = curve.*part.values;
        for (std::size_t epoch = 0; epoch < values.size(); ++epoch)
            result.figures[figureOf(part, epoch)] = values[epoch];
    }
}

steps::TrainingCurve curveOf(const measure::StepResult& result) {
    steps::TrainingCurve curve;
    curve.losses = result.epochLosses;
    for (const steps::TrainingCurvePart& part : steps::trainingCurveParts) {
        if (part.isInOldDocuments) continue;
        std::vector<double>& values = curve.*part.values;
        bool isThere = false;
        for (std::size_t epoch = 0; epoch < curve.losses.size(); ++epoch) {
            const auto found = result.figures.find(figureOf(part, epoch));
            isThere = isThere || found != result.figures.end();
            values.push_back(found == result.figures.end() ? std::numeric_limits<double>::quiet_NaN() : found->second);
        }
        if (!isThere) values.clear();
    }
    return curve;
}

bool isOfEpoch(std::string_view figure) { return figure.find(separator) != std::string_view::npos; }

} // namespace lathe::history
