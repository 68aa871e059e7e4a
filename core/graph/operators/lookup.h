#pragma once

#include <core/graph/operators/call.h>

namespace lathe::graph {

namespace op {
/// A weight whose numbers are shared: indices into codebooks. Not an ATen operator: files get what it amounts to in ATen's.
inline constexpr std::string_view lookup = "lathe::lookup";
} // namespace op

/// A node that makes a weight of indices and codebooks (S. Han et al., Deep Compression, ICLR 2016, arXiv:1510.00149, §3). What it says as
/// values: core/quantization/shared_weight.h.
class Lookup : public Call {
public:
    using Call::Call;
    /// uint8: integers of bits() bits, packed as quantization::pack does.
    [[nodiscard]] std::optional<ValueId> indices() const { return value("indices"); }
    /// [groups, numbers]: the weight's first dimension is cut into as many equal parts as there are groups, each with numbers of its own.
    [[nodiscard]] std::optional<ValueId> codebooks() const { return value("codebooks"); }
    [[nodiscard]] std::optional<std::int64_t> bits() const { return integer("bits"); }
    /// Of the weight.
    [[nodiscard]] std::optional<std::vector<std::int64_t>> shape() const { return integers("shape"); }
};

} // namespace lathe::graph
