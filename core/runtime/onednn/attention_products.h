#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include <core/base/result.h>

namespace lathe::runtime {

/// The sizes of an attention, and how its inputs lie in memory.
struct AttentionForm {
    using Strides = std::array<std::int64_t, 4>; ///< elements from batch to batch, head to head, row to row, column to column

    std::int64_t batch = 1, heads = 1, rows = 1, keys = 1, features = 1, valueFeatures = 1;
    Strides query{}; ///< (batch, heads, rows, features)
    Strides key{};   ///< (batch, heads, features, keys)
    Strides value{}; ///< (batch, heads, keys, valueFeatures)
    float factor = 1;
    bool operator==(const AttentionForm&) const = default;
};

/// The two products of softmax(query · key · factor + mask) · value of float32, by oneDNN. For each form, and each number of threads,
/// oneDNN makes code when it is first met. One call at a time.
class AttentionProducts {
public:
    AttentionProducts();
    ~AttentionProducts();
    AttentionProducts(AttentionProducts&&) noexcept;
    AttentionProducts& operator=(AttentionProducts&&) noexcept;

    /// scores = query · key · factor, of (batch, heads, rows, keys), dense. Errors: Unsupported with oneDNN's words.
    [[nodiscard]] base::Result<> scores(const AttentionForm& form, const float* query, const float* key, float* scores, int threads);
    /// result = weights · value, of (batch, heads, rows, valueFeatures), dense; `weights` as scores are.
    [[nodiscard]] base::Result<> sums(const AttentionForm& form, const float* weights, const float* value, float* result, int threads);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace lathe::runtime
