#include <tests/support/counted_allocations.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <new>

#include <dlfcn.h>
#include <execinfo.h>

#if defined(__SANITIZE_ADDRESS__)
#define LATHE_COUNTS_NOTHING
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LATHE_COUNTS_NOTHING
#endif
#endif

namespace {

thread_local bool isCounting = false;
thread_local std::size_t counted = 0;
thread_local std::array<void*, 1 << 16> callers; // of each allocation

[[maybe_unused]] void note(void* caller) {
    if (!isCounting) return;
    if (counted < callers.size()) callers[counted] = caller;
    ++counted;
    static const bool tellsWhere = std::getenv("LATHE_SHOW_ALLOCATIONS") != nullptr;
    if (!tellsWhere) return;
    isCounting = false; // backtrace allocates as well
    std::array<void*, 12> stack;
    backtrace_symbols_fd(stack.data(), backtrace(stack.data(), stack.size()), 2);
    std::fputs("\n", stderr);
    isCounting = true;
}

} // namespace

namespace lathe::testing {

bool canCountAllocations() {
#ifdef LATHE_COUNTS_NOTHING
    return false;
#else
    return true;
#endif
}

void detail::beginCounting() {
    counted = 0;
    isCounting = true;
}

AllocationCounts detail::endCounting() {
    isCounting = false;
    AllocationCounts counts;
    Dl_info self{};
    dladdr(reinterpret_cast<void*>(&canCountAllocations), &self);
    for (std::size_t index = 0; index < std::min(counted, callers.size()); ++index) {
        Dl_info info{};
        if (dladdr(callers[index], &info) == 0 || info.dli_fbase == self.dli_fbase) {
            ++counts[""];
            continue;
        }
        const std::string path = info.dli_fname;
        ++counts[path.substr(path.rfind('/') + 1)];
    }
    return counts;
}

} // namespace lathe::testing

#ifndef LATHE_COUNTS_NOTHING

extern "C" {
void __libc_free(void* memory);                                 // NOLINT
void* __libc_malloc(std::size_t size);                          // NOLINT: glibc's names
void* __libc_calloc(std::size_t count, std::size_t size);       // NOLINT
void* __libc_realloc(void* memory, std::size_t size);           // NOLINT
void* __libc_memalign(std::size_t alignment, std::size_t size); // NOLINT

void* malloc(std::size_t size) {
    note(__builtin_return_address(0));
    return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
    note(__builtin_return_address(0));
    return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) {
    note(__builtin_return_address(0));
    return __libc_realloc(memory, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
    note(__builtin_return_address(0));
    return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
    note(__builtin_return_address(0));
    return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
    note(__builtin_return_address(0));
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}
}

void* operator new(std::size_t size) {
    note(__builtin_return_address(0));
    void* const memory = __libc_malloc(size);
    if (!memory) throw std::bad_alloc();
    return memory;
}
void* operator new[](std::size_t size) {
    note(__builtin_return_address(0));
    void* const memory = __libc_malloc(size);
    if (!memory) throw std::bad_alloc();
    return memory;
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    note(__builtin_return_address(0));
    void* const memory = __libc_memalign(static_cast<std::size_t>(alignment), size);
    if (!memory) throw std::bad_alloc();
    return memory;
}
void operator delete(void* memory) noexcept { __libc_free(memory); }
void operator delete[](void* memory) noexcept { __libc_free(memory); }
void operator delete(void* memory, std::size_t) noexcept { __libc_free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { __libc_free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { __libc_free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { __libc_free(memory); }

#endif
