#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

namespace lathe::support {

/// Squares of the singular values of a matrix [rows, columns] by rows, largest first: one-sided Jacobi rotations of its columns until all
/// are orthogonal. Slow and obvious.
inline std::vector<double> squaredSingularValues(std::vector<double> matrix, std::size_t rows, std::size_t columns) {
    const auto dot = [&](std::size_t a, std::size_t b) {
        double sum = 0;
        for (std::size_t row = 0; row < rows; ++row)
            sum += matrix[row * columns + a] * matrix[row * columns + b];
        return sum;
    };
    for (int sweep = 0; sweep < 60; ++sweep) {
        for (std::size_t a = 0; a + 1 < columns; ++a) {
            for (std::size_t b = a + 1; b < columns; ++b) {
                const double inner = dot(a, b);
                if (inner == 0) continue;
                const double angle = 0.5 * std::atan2(2 * inner, dot(a, a) - dot(b, b));
                for (std::size_t row = 0; row < rows; ++row) {
                    double &x = matrix[row * columns + a], &y = matrix[row * columns + b];
                    const double turned = std::cos(angle) * x + std::sin(angle) * y;
                    y = std::cos(angle) * y - std::sin(angle) * x;
                    x = turned;
                }
            }
        }
    }
    std::vector<double> squares;
    for (std::size_t column = 0; column < columns; ++column)
        squares.push_back(dot(column, column));
    std::sort(squares.begin(), squares.end(), std::greater<>());
    squares.resize(std::min(rows, columns));
    return squares;
}

} // namespace lathe::support
