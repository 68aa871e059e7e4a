#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace lathe::testing {

/// Allocations on the heap by library ("libc10.so", "libdnnl.so.2.6"); the program itself is "".
using AllocationCounts = std::map<std::string, std::size_t>;

/// Counts what a thread allocates while `call` runs: by operator new, malloc and their like. A program that uses it has functions of these
/// names of its own (counted_allocations.cpp), so it must be a program that is for that. With a sanitizer, which has them already,
/// nothing is counted.
template<class Call>
[[nodiscard]] AllocationCounts countedAllocations(Call call);

[[nodiscard]] bool canCountAllocations();

namespace detail {
void beginCounting();
AllocationCounts endCounting();
} // namespace detail

template<class Call>
AllocationCounts countedAllocations(Call call) {
    detail::beginCounting();
    call();
    return detail::endCounting();
}

} // namespace lathe::testing
