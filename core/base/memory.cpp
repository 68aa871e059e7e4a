#include <core/base/memory.h>

#include <cstdint>
#include <limits>
#include <map>
#include <mutex>

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

namespace lathe::base {

void keepFreedMemory() {
    // One arena: others than the first are made of pieces that are too small for large tensors.
    ::mallopt(M_ARENA_MAX, 1);
    ::mallopt(M_MMAP_THRESHOLD, std::numeric_limits<int>::max());
    ::mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
}

namespace {

/// Bytes of each mapping by where it begins.
struct Mappings {
    std::mutex mutex;
    std::map<const std::byte*, std::size_t> sizes;

    static Mappings& all() {
        static auto* const mappings = new Mappings; // for what is unmapped when the process ends
        return *mappings;
    }
};

} // namespace

void noteMapped(std::span<const std::byte> memory) {
    Mappings& all = Mappings::all();
    const std::lock_guard lock(all.mutex);
    all.sizes[memory.data()] = memory.size();
}

void noteUnmapped(std::span<const std::byte> memory) {
    Mappings& all = Mappings::all();
    const std::lock_guard lock(all.mutex);
    all.sizes.erase(memory.data());
}

void letGo(std::span<const std::byte> bytes) {
    static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    Mappings& all = Mappings::all();
    const std::lock_guard lock(all.mutex); // nobody unmaps it meanwhile, and maps something else in its place
    auto behind = all.sizes.upper_bound(bytes.data());
    if (behind == all.sizes.begin()) return;
    const auto& [start, size] = *--behind;
    if (bytes.data() + bytes.size() > start + size) return;
    const auto pastPage = [](const std::byte* at) { return reinterpret_cast<std::uintptr_t>(at) % page; };
    const std::byte* const begin = bytes.data() + (page - pastPage(bytes.data())) % page;
    const std::byte* const end = bytes.data() + bytes.size() - pastPage(bytes.data() + bytes.size());
    if (begin < end) // where it fails, they stay
        ::madvise(const_cast<std::byte*>(begin), static_cast<std::size_t>(end - begin), MADV_DONTNEED);
}

} // namespace lathe::base
