#include <core/engine/spread_weights.h>

#include <algorithm>
#include <set>

#include <core/report/figure_text.h>

namespace lathe::engine {

namespace {

/// Any size: a shape may promise more bytes than an integer counts.
std::string text(double bytes) {
    constexpr double most = 9e18;
    return report::byteText(static_cast<std::int64_t>(std::min(bytes, most)));
}

} // namespace

base::Result<> checkSpread(const graph::Graph& graph) {
    constexpr double alwaysBytes = 64.0 * (1 << 20), repetitions = 16; // shared layers have a handful of uses
    double writtenOut = 0, stored = 0, mostGained = 0;
    const graph::Value* largest = nullptr;
    std::set<const tensor::Storage*> seen;
    for (const graph::Value& value : graph.values) {
        if (value.kind != graph::ValueKind::Weight || value.data.isNull()) continue;
        const double own = static_cast<double>(value.data.elementCount()) * static_cast<double>(tensor::byteSize(value.data.dtype()));
        const auto storage = static_cast<double>(value.data.storage()->bytes().size());
        writtenOut += own;
        if (seen.insert(value.data.storage().get()).second) stored += storage;
        if (largest != nullptr && own - storage <= mostGained) continue;
        mostGained = own - storage;
        largest = &value;
    }
    if (largest == nullptr || writtenOut <= alwaysBytes + repetitions * stored) return {};
    return base::failure(base::ErrorCode::Rejected, {"file.spreadsWeights",
                                                     {{"bytes", text(writtenOut)},
                                                      {"stored", text(stored)},
                                                      {"weight", largest->name},
                                                      {"shape", tensor::text(largest->data.shape())}}});
}

} // namespace lathe::engine
