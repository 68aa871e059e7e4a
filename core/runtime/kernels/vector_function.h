#pragma once

#include <optional>

#include <core/runtime/onednn/packed_layer.h>

namespace lathe::runtime {

/// Can Lathe's own loops over floats compute this function while they store (float_functions.h)?
[[nodiscard]] inline bool hasVectorForm(const std::optional<Elementwise>& function) {
    if (!function) return true;
    switch (function->kind) {
    case Elementwise::Kind::Relu:
    case Elementwise::Kind::Clip:
    case Elementwise::Kind::HardSwish:
    case Elementwise::Kind::Swish:
    case Elementwise::Kind::Logistic:
        return true;
    default:
        return false;
    }
}

} // namespace lathe::runtime
