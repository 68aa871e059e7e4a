#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <core/base/result.h>
#include <core/tensor/tensor.h>

namespace lathe::formats {

/// A tensor that a pickle describes; its elements are in the archive's record of this key.
struct PickledTensor {
    std::string key;
    std::optional<tensor::DType> dtype; ///< nothing for element types that Lathe has no use for (complex, quantized)
    std::int64_t offset = 0;            ///< of the first element from the beginning of the record, in elements
    tensor::Shape shape;
    std::vector<std::int64_t> strides; ///< in elements, never negative
};

/// A value that a pickle builds. Values refer to each other by position, so nothing recurses however deep they are nested.
struct PickleValue {
    enum class Kind { None, Bool, Integer, Number, Text, Global, Tuple, List, Dict, Object, Storage, Tensor } kind = Kind::None;
    std::int64_t integer = 0;   ///< of Bool and Integer; of Tensor its position in Pickle::tensors
    double number = 0;          ///< of Number
    std::string_view text = {}; ///< of Text, in the pickle's bytes; of Global the module
    std::string_view name = {}; ///< of Global
    std::vector<std::uint32_t> items =
        {};        ///< elements; of a dict key, value, key, value, …; of an object class and arguments; of a storage its id
    int depth = 0; ///< of what it holds
};

struct Pickle {
    std::vector<PickleValue> values;
    std::vector<PickledTensor> tensors;
    std::uint32_t root = 0;

    [[nodiscard]] const PickleValue& at(std::uint32_t position) const { return values[position]; }
};

struct PickleRules {
    /// May this class or function stand in the pickle?
    std::function<bool(std::string_view module, std::string_view name)> isAllowed;
    /// How many bytes the archive holds under a key; nothing when there is no such record.
    std::function<std::optional<std::uint64_t>(std::string_view key)> recordBytes;
};

/// Follows the instructions of a pickle of protocol 2, as PyTorch writes it, without ever calling anything: classes and functions are
/// names. Every length, index and tensor is checked against what is there before memory is taken for it. `bytes` must outlive the result.
/// Errors are Rejected, and the message continues "a pickle that …": "asks Python to call os.system, which no weights need".
/// Sources: Python's Lib/pickletools.py; torch/csrc/jit/serialization/unpickler.cpp.
[[nodiscard]] base::Result<Pickle> readPickle(std::string_view bytes, const PickleRules& rules);

} // namespace lathe::formats
