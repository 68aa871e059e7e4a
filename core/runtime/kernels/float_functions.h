// Functions that a float layer computes while it stores, for the instruction set that float_vectors.h is told.
#pragma once

#include <optional>

#include <core/runtime/kernels/float_vectors.h>
#include <core/runtime/lowering/elementwise.h>

namespace lathe::runtime {

namespace {

LATHE_VECTOR_INLINE Vector limited(Vector x, float low, float high) {
    x = x < low ? Vector{} + low : x;
    return x > high ? Vector{} + high : x;
}

template<Elementwise::Kind kind>
LATHE_VECTOR_INLINE Vector applied(const Elementwise& function, Vector x) {
    using Kind = Elementwise::Kind;
    if constexpr (kind == Kind::Relu) return x <= 0 ? (function.alpha == 0 ? Vector{} : function.alpha * x) : x;
    if constexpr (kind == Kind::Clip) return limited(x, function.alpha, function.beta);
    if constexpr (kind == Kind::HardSwish) return x * limited(x + 3, 0, 6) / 6;
    if constexpr (kind == Kind::Swish) return x / (1 + exponential(-x));
    if constexpr (kind == Kind::Logistic) return 1 / (1 + exponential(-x));
}

template<Elementwise::Kind kind, int Count>
LATHE_VECTOR_INLINE void applyEach(const Elementwise& function, Vector* vectors) {
    for (int at = 0; at < Count; ++at)
        vectors[at] = applied<kind>(function, vectors[at]);
}

/// Computes the function of `Count` vectors; hasVectorForm() has to hold.
template<int Count>
LATHE_VECTOR_INLINE void apply(const std::optional<Elementwise>& function, Vector* vectors) {
    using Kind = Elementwise::Kind;
    if (!function) return;
    switch (function->kind) {
    case Kind::Relu:
        return applyEach<Kind::Relu, Count>(*function, vectors);
    case Kind::Clip:
        return applyEach<Kind::Clip, Count>(*function, vectors);
    case Kind::HardSwish:
        return applyEach<Kind::HardSwish, Count>(*function, vectors);
    case Kind::Swish:
        return applyEach<Kind::Swish, Count>(*function, vectors);
    default:
        return applyEach<Kind::Logistic, Count>(*function, vectors);
    }
}

} // namespace

} // namespace lathe::runtime
