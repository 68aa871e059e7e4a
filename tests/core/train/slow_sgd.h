#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include <core/train/finetune.h>

#include "toy_data.h"

// Training written out by hand for toyModel(): forward, backward and the update in plain loops and doubles.

namespace lathe::train::testing {

class SlowTrainer {
public:
    explicit SlowTrainer(const graph::Graph& model) {
        for (const char* name : {"fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"}) {
            const std::vector<float> values = weight(model, name);
            m_weights.emplace_back(values.begin(), values.end());
            m_momentum.emplace_back(values.size(), 0.0);
        }
    }

    /// One step on points (x, y); returns the mean loss before it.
    double step(const std::vector<std::pair<float, float>>& samples, const std::vector<std::int64_t>& labels, double rate, double momentum,
                double decay) {
        std::vector<std::vector<double>> gradient;
        for (const auto& values : m_weights) {
            gradient.emplace_back(values.size(), 0.0);
        }
        const auto count = static_cast<double>(samples.size());
        double loss = 0;
        for (std::size_t sample = 0; sample < samples.size(); ++sample) {
            const double input[2] = {samples[sample].first, samples[sample].second};
            double hidden[4], scores[3], probability[3], back[4] = {};
            for (std::size_t unit = 0; unit < 4; ++unit) {
                const double sum = m_weights[0][unit * 2] * input[0] + m_weights[0][unit * 2 + 1] * input[1] + m_weights[1][unit];
                hidden[unit] = sum > 0 ? sum : 0;
            }
            double total = 0;
            for (std::size_t unit = 0; unit < 3; ++unit) {
                scores[unit] = m_weights[3][unit];
                for (std::size_t from = 0; from < 4; ++from) {
                    scores[unit] += m_weights[2][unit * 4 + from] * hidden[from];
                }
                total += std::exp(scores[unit]);
            }
            const auto label = static_cast<std::size_t>(labels[sample]);
            for (std::size_t unit = 0; unit < 3; ++unit) {
                probability[unit] = std::exp(scores[unit]) / total;
                const double error = (probability[unit] - (unit == label ? 1 : 0)) / count;
                gradient[3][unit] += error;
                for (std::size_t from = 0; from < 4; ++from) {
                    gradient[2][unit * 4 + from] += error * hidden[from];
                    back[from] += error * m_weights[2][unit * 4 + from];
                }
            }
            loss -= std::log(probability[label]) / count;
            for (std::size_t unit = 0; unit < 4; ++unit) {
                if (hidden[unit] <= 0) continue;
                gradient[1][unit] += back[unit];
                gradient[0][unit * 2] += back[unit] * input[0];
                gradient[0][unit * 2 + 1] += back[unit] * input[1];
            }
        }
        for (std::size_t part = 0; part < m_weights.size(); ++part) {
            for (std::size_t at = 0; at < m_weights[part].size(); ++at) {
                const double g = gradient[part][at] + decay * m_weights[part][at];
                m_momentum[part][at] = momentum * m_momentum[part][at] + g;
                m_weights[part][at] -= rate * m_momentum[part][at];
            }
        }
        return loss;
    }

    /// In the order fc1.weight, fc1.bias, fc2.weight, fc2.bias.
    [[nodiscard]] const std::vector<std::vector<double>>& weights() const { return m_weights; }

private:
    std::vector<std::vector<double>> m_weights, m_momentum;
};

} // namespace lathe::train::testing
