#include <core/runtime/plan_memory_torch.h>

#include <algorithm>
#include <atomic>
#include <list>
#include <mutex>
#include <vector>

#include <ATen/ops/_empty_affine_quantized.h>
#include <ATen/ops/empty.h>
#include <ATen/quantized/QTensorImpl.h>
#include <c10/core/CPUAllocator.h>

#include <core/runtime/memory_layout.h>

namespace lathe::runtime {

namespace {

/// LibTorch's own, which all memory comes from in the end.
c10::Allocator* heap = nullptr;
std::byte* fromHeap(std::size_t bytes) { return static_cast<std::byte*>(heap->raw_allocate(bytes)); }
void toHeap(void* memory) { heap->raw_deallocate(memory); }

/// The one block that calls of all plans share, one after the other: as many blocks as calls ran at once.
class SharedBlocks {
public:
    struct Block {
        std::byte* memory = nullptr;
        std::size_t bytes = 0;
    };

    /// `wanted` where it is free and large enough.
    Block take(std::size_t bytes, const std::byte* wanted) {
        const std::lock_guard lock(m_mutex);
        auto best = std::ranges::find_if(m_idle, [&](const Block& each) { return each.memory == wanted && each.bytes >= bytes; });
        for (auto each = m_idle.begin(); best == m_idle.end() && each != m_idle.end(); ++each) {
            if (each->bytes >= bytes) best = each;
        }
        if (best == m_idle.end() && !m_idle.empty()) { // instead of the largest, not beside it
            best = std::ranges::max_element(m_idle, {}, &Block::bytes);
            toHeap(best->memory);
            m_idle.erase(best);
            best = m_idle.end();
        }
        if (best == m_idle.end()) return {fromHeap(bytes), bytes};
        const Block block = *best;
        m_idle.erase(best);
        return block;
    }
    void give(Block block) {
        const std::lock_guard lock(m_mutex);
        m_plans > 0 ? m_idle.push_back(block) : toHeap(block.memory);
    }
    void countPlan(int more) {
        const std::lock_guard lock(m_mutex);
        m_plans += more;
        if (m_plans > 0) return;
        for (const Block& block : m_idle)
            toHeap(block.memory);
        m_idle.clear();
    }

private:
    std::mutex m_mutex;
    std::vector<Block> m_idle;
    int m_plans = 0;
};

SharedBlocks& sharedBlocks() {
    static auto* const blocks = new SharedBlocks; // plans may outlive what is static
    return *blocks;
}

/// The block of one layout, and who is in it. Lives until the last of those has gone.
struct Arena {
    explicit Arena(std::size_t requests) : isLive(std::make_unique<std::atomic<bool>[]>(requests)) {}

    SharedBlocks::Block block;
    std::unique_ptr<std::atomic<bool>[]> isLive; ///< of requests without a kept tensor
    std::atomic<int> live = 0;                   ///< how many of these
    std::atomic<int> owners = 1;
    bool ownsBlock = false;

    void leave() {
        if (owners.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
        if (ownsBlock) toHeap(block.memory);
        delete this;
    }
};

/// What lies in front of all memory that LibTorch gets on the CPU, so that one function can free it (Allocator::raw_deleter).
struct alignas(memoryAlignment) Header {
    Arena* arena = nullptr; ///< nullptr: it is on the heap
    std::uint64_t call = 0; ///< the call that is watched
    std::size_t index = 0;  ///< of the request in its call
};

void freeMemory(void* memory);
/// Of tensors that plans keep.
void leaveArena(void* arena) { static_cast<Arena*>(arena)->leave(); }
void freeKept(void* memory) { toHeap(memory); }

c10::DataPtr pointerBehind(std::byte* memory, Header header) {
    new (memory) Header(header);
    void* const data = memory + sizeof(Header);
    return {data, data, &freeMemory, c10::Device(c10::kCPU)};
}

c10::DataPtr onHeap(std::size_t bytes, const Header& header) {
    std::byte* front = nullptr;
    try {
        front = fromHeap(bytes + sizeof(Header));
    } catch (const c10::Error&) {
        toHeap(heap->raw_allocate(bytes)); // its error says how much was asked for, without the header
        throw;
    }
    return pointerBehind(front, header);
}

/// An empty tensor as kernels ask for it; `grid`: of bytes, or nullptr.
at::Tensor make(at::IntArrayRef sizes, at::ScalarType type, at::MemoryFormat format, const ActivationGrid* grid) {
    const at::TensorOptions options = at::TensorOptions(type).memory_format(format);
    return grid ? at::_empty_affine_quantized(sizes, options, grid->scale, grid->zeroPoint, std::nullopt) : at::empty(sizes, options);
}

/// What a call asked for.
struct Request {
    std::size_t bytes = 0;
    std::size_t begin = 0, end = 0; ///< as numbers of requests
    bool isHandedOut = true;        ///< it was not free again when the call had ended
    bool isTensor = false;          ///< of emptyResult() and emptyBytes(), which the rest is for
    c10::SmallVector<std::int64_t, 5> sizes;
    at::ScalarType type = at::kFloat;
    at::MemoryFormat format = at::MemoryFormat::Contiguous;
    std::optional<ActivationGrid> grid;
    at::Tensor kept;
    at::QuantizerPtr quantizer; ///< that of `grid`
    /// Where it is planned, and what has to be free by then.
    std::size_t offset = 0;
    std::vector<std::size_t> before;
};

/// Nobody but the plan has it, nor a view of it.
bool isFree(const at::Tensor& kept) { return kept.use_count() == 1 && kept.storage().use_count() == 1; }

/// More are not planned: loops that run for long would be remembered step by step.
constexpr std::size_t mostRequests = 4096;

enum class Next { Watch, Follow, Heap };

struct SizesLayout {
    std::vector<std::int64_t> key;
    Next next = Next::Watch;
    int deviations = 0;
    std::vector<Request> requests;
    std::size_t bytes = 0;
    Arena* arena = nullptr;

    SizesLayout() = default;
    SizesLayout(const SizesLayout&) = delete;
    SizesLayout& operator=(const SizesLayout&) = delete;
    ~SizesLayout() { forget(); }
    void forget() {
        requests.clear();
        if (arena) std::exchange(arena, nullptr)->leave();
    }
};

/// What differs between inputs that are planned for apart; calls `element` with each number of it.
template<class Element>
void forEachOfKey(std::span<const c10::IValue> inputs, const Element& element) {
    for (const c10::IValue& input : inputs) {
        if (!input.isTensor() || !input.toTensor().defined() || input.toTensor().layout() != at::kStrided) {
            element(-1);
            continue;
        }
        const at::Tensor& tensor = input.toTensor();
        element(static_cast<std::int64_t>(tensor.scalar_type()));
        element(tensor.dim());
        for (const std::int64_t size : tensor.sizes())
            element(size);
        for (const std::int64_t stride : tensor.strides())
            element(stride);
    }
}

bool isKeyOf(const std::vector<std::int64_t>& key, std::span<const c10::IValue> inputs) {
    std::size_t at = 0;
    bool isSame = true;
    forEachOfKey(inputs, [&](std::int64_t number) {
        isSame = isSame && at < key.size() && key[at] == number;
        ++at;
    });
    return isSame && at == key.size();
}

std::atomic<std::uint64_t> callsWatched = 0;

} // namespace

struct PlanMemory::Impl {
    std::list<SizesLayout> layouts; ///< the latest first
    SizesLayout* layout = nullptr;  ///< of the call that runs
    Next doing = Next::Heap;        ///< until the call ends, or deviates
    bool hasBlock = false;          ///< of all plans, until the call ends
    std::size_t at = 0;             ///< the next request
    std::uint64_t call = 0;
    std::optional<c10::DataPtr> given; ///< the next allocation's

    void begin(std::span<const c10::IValue> inputs) {
        constexpr std::size_t most = 8; // sizes of texts differ from call to call
        const auto found = std::ranges::find_if(layouts, [&](const SizesLayout& each) { return isKeyOf(each.key, inputs); });
        if (found != layouts.end()) {
            layouts.splice(layouts.begin(), layouts, found);
        } else {
            if (layouts.size() == most) layouts.pop_back();
            forEachOfKey(inputs, [&key = layouts.emplace_front().key](std::int64_t number) { key.push_back(number); });
        }
        layout = &layouts.front();
        if (layout->next == Next::Follow && layout->bytes > 0) takeBlock();
        doing = layout->next;
        at = 0;
        if (doing != Next::Watch) return;
        layout->forget();
        call = ++callsWatched;
    }

    void takeBlock() {
        const std::byte* const before = layout->arena->block.memory;
        layout->arena->block = sharedBlocks().take(layout->bytes, before);
        hasBlock = true;
        if (layout->arena->block.memory == before) return;
        for (Request& request : layout->requests) {
            if (request.kept.defined() && !request.isHandedOut)
                request.kept.storage().unsafeGetStorageImpl()->set_data_ptr_noswap(placeOf(request));
        }
    }

    /// Of a tensor that is kept.
    [[nodiscard]] c10::DataPtr placeOf(const Request& request) const {
        layout->arena->owners.fetch_add(1, std::memory_order_relaxed);
        std::byte* const block = layout->arena->block.memory;
        return {block ? block + request.offset : nullptr, layout->arena, &leaveArena, c10::Device(c10::kCPU)};
    }

    at::Tensor makeWith(const Request& request, c10::DataPtr memory) {
        given = std::move(memory);
        at::Tensor tensor = make(request.sizes, request.type, request.format, request.grid ? &*request.grid : nullptr);
        given.reset();
        return tensor;
    }

    c10::DataPtr allocate(std::size_t bytes) {
        if (given) return std::move(*given);
        Header header;
        if (doing == Next::Watch && layout->requests.size() == mostRequests)
            doing = layout->next = Next::Heap;
        else if (doing == Next::Watch) {
            header.call = call;
            header.index = layout->requests.size();
            Request& request = layout->requests.emplace_back();
            request.bytes = bytes;
            request.begin = header.index;
        } else if (doing == Next::Follow) {
            const std::size_t index = at++;
            Request* const request = index < layout->requests.size() ? &layout->requests[index] : nullptr;
            if (!request || request->isTensor || request->bytes != bytes || !mayBegin(*request)) {
                deviate();
            } else if (!request->isHandedOut) {
                Arena& arena = *layout->arena;
                header.arena = &arena;
                header.index = index;
                arena.owners.fetch_add(1, std::memory_order_relaxed);
                arena.live.fetch_add(1, std::memory_order_relaxed);
                arena.isLive[index].store(true, std::memory_order_relaxed);
                return pointerBehind(arena.block.memory + request->offset, header);
            }
        }
        return onHeap(bytes, header);
    }

    at::Tensor tensor(at::IntArrayRef sizes, at::ScalarType type, at::MemoryFormat format, const ActivationGrid* grid) {
        if (doing == Next::Watch) {
            const std::size_t index = layout->requests.size();
            at::Tensor made = make(sizes, type, format, grid);
            if (layout->requests.size() != index + 1) return made; // of no elements
            Request& request = layout->requests[index];
            request.isTensor = true;
            request.sizes.assign(sizes.begin(), sizes.end());
            request.type = type;
            request.format = format;
            if (grid) request.grid = *grid;
            return made;
        }
        if (doing != Next::Follow || c10::multiply_integers(sizes) == 0) return make(sizes, type, format, grid);
        Request* const request = at < layout->requests.size() ? &layout->requests[at] : nullptr;
        const bool isAlike = request && request->isTensor && request->type == type && request->grid.has_value() == (grid != nullptr) &&
                             request->format == format && at::IntArrayRef(request->sizes) == sizes;
        if (isAlike && request->isHandedOut) {
            if (!request->kept.defined() || !isFree(request->kept) || !isAsMade(*request)) {
                std::byte* const memory = fromHeap(request->bytes);
                request->kept = makeWith(*request, {memory, memory, &freeKept, c10::Device(c10::kCPU)});
            }
        } else if (isAlike && isFree(request->kept) && mayBegin(*request)) {
            if (!isAsMade(*request)) request->kept = makeWith(*request, placeOf(*request));
        } else {
            deviate();
            return make(sizes, type, format, grid);
        }
        ++at;
        if (grid) setGrid(*request, *grid);
        return request->kept;
    }

    /// Others may have changed it in place.
    [[nodiscard]] bool isAsMade(const Request& request) const {
        const at::Tensor& kept = request.kept;
        const auto* const data = static_cast<const std::byte*>(kept.storage().data());
        return kept.sizes() == at::IntArrayRef(request.sizes) && kept.storage_offset() == 0 && kept.is_contiguous(request.format) &&
               kept.storage().nbytes() == request.bytes && (request.isHandedOut || data == layout->arena->block.memory + request.offset);
    }

    /// Kernels that overwrite bytes put them on another grid.
    static void setGrid(Request& request, const ActivationGrid& grid) {
        if (!request.quantizer || request.grid->scale != grid.scale || request.grid->zeroPoint != grid.zeroPoint) {
            request.grid = grid;
            request.quantizer = at::make_per_tensor_affine_quantizer(grid.scale, grid.zeroPoint, at::kQUInt8);
        }
        static_cast<at::QTensorImpl*>(request.kept.unsafeGetTensorImpl())->set_quantizer_(request.quantizer);
    }

    /// Is its memory free as it was in the call that was watched?
    [[nodiscard]] bool mayBegin(const Request& request) const {
        return std::ranges::all_of(request.before, [&](std::size_t index) {
            const Request& other = layout->requests[index];
            return other.isTensor ? isFree(other.kept) : !layout->arena->isLive[index].load(std::memory_order_acquire);
        });
    }

    void deviate() {
        doing = Next::Heap;
        watchAgain();
    }

    void watchAgain() {
        constexpr int most = 8; // then what it does depends on more than sizes
        layout->next = ++layout->deviations < most ? Next::Watch : Next::Heap;
    }

    void noteFree(std::size_t index) {
        Request& request = layout->requests[index];
        request.end = layout->requests.size();
        request.isHandedOut = false;
    }

    void succeeded() {
        if (doing != Next::Watch) return;
        doing = Next::Heap;
        std::vector<Request*> planned;
        std::vector<MemoryUse> uses;
        for (Request& request : layout->requests) {
            if (request.isHandedOut) continue;
            planned.push_back(&request);
            uses.push_back({request.bytes + (request.isTensor ? 0 : sizeof(Header)), request.begin, request.end});
        }
        const MemoryLayout placed = layOut(uses);
        layout->bytes = placed.bytes;
        layout->arena = new Arena(layout->requests.size());
        for (std::size_t index = 0; index < planned.size(); ++index) {
            Request& request = *planned[index];
            request.offset = placed.offsets[index];
            for (const std::size_t other : placed.before[index])
                request.before.push_back(planned[other]->begin);
            if (request.isTensor) request.kept = makeWith(request, placeOf(request));
        }
        layout->next = Next::Follow;
    }

    void end() {
        given.reset();
        if (hasBlock) {
            Arena& arena = *layout->arena;
            const bool isAllFree = arena.live == 0 && std::ranges::all_of(layout->requests, [](const Request& each) {
                                       return each.isHandedOut || !each.isTensor || isFree(each.kept);
                                   });
            if (isAllFree) {
                sharedBlocks().give(arena.block);
            } else { // somebody still uses it: it is theirs
                arena.ownsBlock = true;
                layout->next = Next::Heap;
                watchAgain();
            }
            hasBlock = false;
        }
        if (layout->next != Next::Follow) layout->forget();
    }
};

namespace {

thread_local PlanMemory::Impl* current = nullptr; ///< whose call this thread is in

void freeMemory(void* memory) {
    if (!memory) return;
    std::byte* const front = static_cast<std::byte*>(memory) - sizeof(Header);
    const Header header = *reinterpret_cast<const Header*>(front);
    if (header.arena) {
        header.arena->isLive[header.index].store(false, std::memory_order_release);
        header.arena->live.fetch_sub(1, std::memory_order_release);
        header.arena->leave();
        return;
    }
    if (current && header.call != 0 && current->doing == Next::Watch && current->call == header.call) current->noteFree(header.index);
    toHeap(front);
}

/// Gives LibTorch its memory on the CPU, that of running plans as they want it.
class Allocator final : public c10::Allocator {
public:
    Allocator() {
        heap = c10::GetCPUAllocator();
        c10::SetCPUAllocator(this, 1);
    }
    c10::DataPtr allocate(std::size_t bytes) override {
        if (bytes == 0) return {nullptr, nullptr, &freeMemory, c10::Device(c10::kCPU)};
        return current ? current->allocate(bytes) : onHeap(bytes, {});
    }
    c10::DeleterFnPtr raw_deleter() const override { return &freeMemory; }
    void copy_data(void* to, const void* from, std::size_t bytes) const override { default_copy_data(to, from, bytes); }
};

// From the beginning of the program on, so that nothing is freed by another allocator than it came from.
[[maybe_unused]] Allocator& allocator = *new Allocator; // NOLINT: LibTorch frees tensors while a program ends, too

} // namespace

PlanMemory::PlanMemory() : m_impl(std::make_unique<Impl>()) { sharedBlocks().countPlan(1); }

PlanMemory::~PlanMemory() {
    m_impl.reset();
    sharedBlocks().countPlan(-1);
}

PlanMemory::Call::Call(PlanMemory& memory, std::span<const c10::IValue> inputs) : m_impl(memory.m_impl.get()), m_outer(current) {
    m_impl->begin(inputs);
    current = m_impl;
}

PlanMemory::Call::~Call() {
    current = m_outer;
    m_impl->end();
}

void PlanMemory::Call::succeeded() { m_impl->succeeded(); }

std::optional<std::size_t> PlanMemory::plannedBytes() const {
    const std::list<SizesLayout>& layouts = m_impl->layouts;
    return layouts.empty() || layouts.front().next != Next::Follow ? std::nullopt : std::optional(layouts.front().bytes);
}

at::Tensor emptyResult(at::IntArrayRef sizes, at::ScalarType type, at::MemoryFormat format) {
    return current ? current->tensor(sizes, type, format, nullptr) : make(sizes, type, format, nullptr);
}

at::Tensor emptyBytes(at::IntArrayRef sizes, const ActivationGrid& grid, at::MemoryFormat format) {
    return current ? current->tensor(sizes, at::kQUInt8, format, &grid) : make(sizes, at::kQUInt8, format, &grid);
}

bool isUnshared(const at::Tensor& tensor) {
    const c10::DeleterFnPtr deleter = tensor.storage().data_ptr().get_deleter();
    const bool isKept = deleter == &leaveArena || deleter == &freeKept;
    return tensor.use_count() == (isKept ? 2 : 1) && tensor.storage().use_count() == 1;
}

} // namespace lathe::runtime
