#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <core/base/result.h>

/// The messages of ONNX (onnx.proto of onnx 1.23, IR version 14) as plain values: the fields that Lathe reads, named as there.
namespace lathe::formats::onnx {

/// Text and raw bytes of tensors lie in the bytes that were parsed, which must live as long.
using Bytes = std::string_view;

using Properties = std::vector<std::pair<std::string, std::string>>;

/// TensorProto.DataType.
enum class ElementType : std::int32_t {
    Undefined = 0,
    Float = 1,
    UInt8 = 2,
    Int8 = 3,
    UInt16 = 4,
    Int16 = 5,
    Int32 = 6,
    Int64 = 7,
    String = 8,
    Bool = 9,
    Float16 = 10,
    Double = 11,
    UInt32 = 12,
    UInt64 = 13,
    BFloat16 = 16,
    UInt4 = 21,
    Int4 = 22,
};

struct TensorProto {
    std::string name;
    std::vector<std::int64_t> dims;
    ElementType dataType = ElementType::Undefined;
    Bytes rawData;
    bool hasRawData = false;
    std::vector<float> floatData;
    std::vector<double> doubleData;
    std::vector<std::int64_t> integerData; ///< int32_data, int64_data and uint64_data: a tensor has one of them
    bool isExternal = false;               ///< data_location
    Properties externalData;
};

struct Dimension {
    std::int64_t value = -1; ///< negative: dim_param, or unknown
    std::string parameter;
};

struct ValueInfo {
    std::string name;
    bool isTensor = false;
    ElementType elementType = ElementType::Undefined;
    std::optional<std::vector<Dimension>> shape;
};

struct NodeProto;
struct GraphProto;

struct AttributeProto {
    std::string name;
    std::int32_t type = 0; ///< AttributeProto.AttributeType; 0 in files of IR version 1
    float f = 0;
    std::int64_t i = 0;
    std::string s;
    std::vector<TensorProto> t; ///< at most one
    std::vector<GraphProto> g;  ///< at most one
    std::vector<float> floats;
    std::vector<std::int64_t> ints;
    std::vector<std::string> strings;
};

struct NodeProto {
    std::string name, opType, domain;
    std::vector<std::string> inputs, outputs; ///< "": left out
    std::vector<AttributeProto> attributes;
    Properties metadata;
};

struct GraphProto {
    std::string name;
    std::vector<NodeProto> nodes;
    std::vector<TensorProto> initializers;
    std::vector<ValueInfo> inputs, outputs, valueInfos;
    bool hasSparseInitializers = false;
};

struct ModelProto {
    std::int64_t irVersion = 0;
    std::string producerName, producerVersion;
    std::vector<std::pair<std::string, std::int64_t>> opsets; ///< domain and version; "" is ai.onnx
    GraphProto graph;
    bool hasGraph = false;
};

/// Rejected with the end of a sentence about the file ("is cut off or damaged …", "nests graphs deeper than 100 levels."): the bytes end
/// inside a field, a node has more than 65536 inputs, messages are nested too deep. Memory is in proportion to the bytes.
[[nodiscard]] base::Result<ModelProto> parseModel(Bytes bytes);
/// A TensorProto of its own, as in the data of ONNX's backend tests.
[[nodiscard]] base::Result<TensorProto> parseTensor(Bytes bytes);

} // namespace lathe::formats::onnx
