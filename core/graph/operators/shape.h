#pragma once

#include <core/graph/operators/call.h>

namespace lathe::graph {

namespace op {

inline constexpr std::string_view unsqueeze = "aten::unsqueeze";

} // namespace op

class Flatten : public Call {
public:
    using Call::Call;
    /// From the dimension behind the batch to the last: each sample becomes a vector.
    [[nodiscard]] bool keepsBatch() const { return has("end_dim") && integer("start_dim") == 1 && integer("end_dim") == -1; }
};

} // namespace lathe::graph
