#pragma once

#include <cstdint>

namespace lathe::runtime {

/// Some of the items that a call computes (rows, tiles, blocks of channels): from the first to the one behind the last.
struct ItemRange {
    std::int64_t begin = 0, end = 0;
};

} // namespace lathe::runtime
