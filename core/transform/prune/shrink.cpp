#include <core/transform/prune/shrink.h>

#include <algorithm>

namespace lathe::transform {

Shrunk shrink(const tensor::Tensor& tensor, const RemovedIndices& removed) {
    const tensor::Tensor source = tensor.contiguous();
    const std::vector<float> values = source.toFloats();
    const std::size_t bytes = tensor::byteSize(source.dtype());
    const std::byte* at = values.empty() ? nullptr : source.storage()->bytes().data() + source.byteOffset();

    tensor::Shape shape = source.shape();
    for (const auto& [axis, isRemoved] : removed)
        shape[static_cast<std::size_t>(axis)] -= std::ranges::count(isRemoved, true);

    Shrunk result;
    std::vector<std::byte> kept;
    kept.reserve(static_cast<std::size_t>(tensor::elementCount(shape)) * bytes);
    std::vector<std::int64_t> index(source.shape().size(), 0);
    for (const float value : values) {
        const bool goes = std::ranges::any_of(removed, [&](const auto& entry) {
            return entry.second[static_cast<std::size_t>(index[static_cast<std::size_t>(entry.first)])];
        });
        if (goes) {
            result.removedSquares += static_cast<double>(value) * static_cast<double>(value);
        } else {
            kept.insert(kept.end(), at, at + bytes);
        }
        at += bytes;
        for (std::size_t axis = index.size(); axis-- > 0;) {
            if (++index[axis] < source.shape()[axis]) break;
            index[axis] = 0;
        }
    }
    result.tensor = tensor::Tensor(source.dtype(), std::move(shape), tensor::Storage::copyOf(kept));
    return result;
}

} // namespace lathe::transform
