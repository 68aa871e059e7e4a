#pragma once

#include <cstdint>
#include <memory>

#include <core/base/result.h>

namespace lathe::runtime {

/// The sizes of an attention.
struct AttentionForm {
    std::int64_t batch = 1, heads = 1, rows = 1, keys = 1, features = 1, valueFeatures = 1;
    float factor = 1;
    bool isBfloat16 = false; ///< query, key, value and weights are bfloat16; else float32. Scores and result are float32 always.
    bool operator==(const AttentionForm&) const = default;
};

/// The two products of softmax(query · keyᵀ · factor + mask) · value, by oneDNN. For each form, and each number of threads,
/// oneDNN makes code when it is first met. One call at a time.
class AttentionProducts {
public:
    AttentionProducts();
    ~AttentionProducts();
    AttentionProducts(AttentionProducts&&) noexcept;
    AttentionProducts& operator=(AttentionProducts&&) noexcept;

    /// scores = query · keyᵀ · factor, of (batch, heads, rows, keys). All are dense: query (batch, heads, rows, features), key (batch,
    /// heads, keys, features), or (batch, heads, features, keys) where they are bfloat16: oneDNN takes five times as long to turn them.
    /// (With other strides oneDNN 2.6 fails, or never ends.) Errors: Unsupported with oneDNN's words.
    [[nodiscard]] base::Result<> scores(const AttentionForm& form, const void* query, const void* key, float* scores, int threads);
    /// result = weights · value, of (batch, heads, rows, valueFeatures); `weights` as scores are, value (batch, heads, keys,
    /// valueFeatures).
    [[nodiscard]] base::Result<> sums(const AttentionForm& form, const void* weights, const void* value, float* result, int threads);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace lathe::runtime
