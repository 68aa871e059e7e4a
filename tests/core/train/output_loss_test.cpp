#include <cmath>
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <core/train/output_loss_torch.h>

namespace lathe::train {
namespace {

const std::vector<double> student{1, -2, 0.5, 3, 0.1, -0.4}, teacher{0.2, 1, -1, 2, 2.5, -3}; // two samples of three classes
constexpr double temperature = 2.5;

at::Tensor rows(const std::vector<double>& numbers) { return at::tensor(numbers).reshape({2, 3}); }

TEST(OutputLoss, ClassesAreComparedAsProbabilitiesAtTheTemperature) {
    double sum = 0;
    for (std::size_t row = 0; row < 6; row += 3) {
        double ofStudent = 0, ofTeacher = 0;
        for (std::size_t at = row; at < row + 3; ++at) {
            ofStudent += std::exp(student[at] / temperature);
            ofTeacher += std::exp(teacher[at] / temperature);
        }
        for (std::size_t at = row; at < row + 3; ++at) {
            const double is = std::exp(student[at] / temperature) / ofStudent, wanted = std::exp(teacher[at] / temperature) / ofTeacher;
            sum += wanted * std::log(wanted / is);
        }
    }
    const double expected = sum / 2 * temperature * temperature;
    EXPECT_NEAR(classDivergence(rows(student), rows(teacher), 1, temperature).item<double>(), expected, 1e-9);
    EXPECT_NEAR(classDivergence(rows(student).t(), rows(teacher).t(), 0, temperature).item<double>(), expected, 1e-9);
    EXPECT_NEAR(classDivergence(rows(teacher), rows(teacher), 1, temperature).item<double>(), 0, 1e-12);
}

TEST(OutputLoss, EachScoreOfYesOrNoIsAProbabilityOfItsOwn) {
    double sum = 0;
    for (std::size_t at = 0; at < 6; ++at) {
        const double is = 1 / (1 + std::exp(-student[at] / temperature)), wanted = 1 / (1 + std::exp(-teacher[at] / temperature));
        sum += wanted * std::log(wanted / is) + (1 - wanted) * std::log((1 - wanted) / (1 - is));
    }
    EXPECT_NEAR(truthDivergence(rows(student), rows(teacher), temperature).item<double>(), sum / 6 * temperature * temperature, 1e-9);
}

} // namespace
} // namespace lathe::train
