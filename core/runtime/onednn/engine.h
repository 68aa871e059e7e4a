#pragma once

// Only for the .cpp files of this folder: oneDNN's header has names that LibTorch's has too.

#include <cstdint>
#include <vector>

#include <omp.h>
#include <oneapi/dnnl/dnnl.hpp>

namespace lathe::runtime {

using Tag = dnnl::memory::format_tag;
using Type = dnnl::memory::data_type;
using Sizes = std::vector<std::int64_t>;

/// So many threads for what oneDNN makes and runs from here on in this thread.
class Threads {
public:
    explicit Threads(int wanted) : m_before(omp_get_max_threads()), m_isOther(wanted != m_before) {
        if (m_isOther) omp_set_num_threads(wanted);
    }
    ~Threads() {
        if (m_isOther) omp_set_num_threads(m_before);
    }
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;

private:
    int m_before;
    bool m_isOther;
};

[[nodiscard]] dnnl::engine& cpu();
/// This thread's.
[[nodiscard]] dnnl::stream& stream();

} // namespace lathe::runtime
