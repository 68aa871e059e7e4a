#include <core/quantization/packed.h>

#include <cassert>

namespace lathe::quantization {

std::size_t packedSize(std::size_t count, int bits) {
    assert(bits >= 2 && bits <= 8);
    return (count * static_cast<std::size_t>(bits) + 7) / 8;
}

std::vector<std::uint8_t> pack(std::span<const std::int8_t> values, int bits) {
    std::vector<std::uint8_t> packed(packedSize(values.size(), bits), 0);
    const unsigned mask = (1U << bits) - 1;
    for (std::size_t i = 0; i < values.size(); ++i) {
        assert(values[i] >= -(1 << (bits - 1)) && values[i] <= static_cast<int>(mask));
        const std::size_t bit = i * static_cast<std::size_t>(bits), byte = bit / 8;
        const unsigned shifted = (static_cast<unsigned>(values[i]) & mask) << (bit % 8);
        packed[byte] = static_cast<std::uint8_t>(packed[byte] | (shifted & 0xFFU));
        if (shifted > 0xFFU) packed[byte + 1] = static_cast<std::uint8_t>(packed[byte + 1] | (shifted >> 8));
    }
    return packed;
}

std::vector<std::int8_t> unpack(std::span<const std::uint8_t> packed, std::size_t count, int bits, bool isSigned) {
    assert(packed.size() == packedSize(count, bits));
    std::vector<std::int8_t> values(count);
    const unsigned mask = (1U << bits) - 1, sign = 1U << (bits - 1);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t bit = i * static_cast<std::size_t>(bits), byte = bit / 8;
        unsigned window = packed[byte];
        if (byte + 1 < packed.size()) window |= static_cast<unsigned>(packed[byte + 1]) << 8;
        const unsigned value = (window >> (bit % 8)) & mask;
        values[i] = static_cast<std::int8_t>(isSigned && (value & sign) != 0 ? static_cast<int>(value) - static_cast<int>(mask) - 1
                                                                             : static_cast<int>(value));
    }
    return values;
}

} // namespace lathe::quantization
