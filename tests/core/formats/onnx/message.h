#pragma once

#include <cstdint>
#include <string>

#include <protozero/pbf_writer.hpp>

namespace lathe::formats::onnx {

/// A protobuf message written field by field, also one that makes no sense.
class Message {
public:
    Message& number(std::uint32_t field, std::int64_t value) {
        protozero::pbf_writer(m_bytes).add_int64(field, value);
        return *this;
    }
    Message& real(std::uint32_t field, float value) {
        protozero::pbf_writer(m_bytes).add_float(field, value);
        return *this;
    }
    Message& text(std::uint32_t field, const std::string& value) {
        protozero::pbf_writer(m_bytes).add_string(field, value);
        return *this;
    }
    Message& message(std::uint32_t field, const Message& value) {
        protozero::pbf_writer(m_bytes).add_message(field, value.m_bytes);
        return *this;
    }
    [[nodiscard]] const std::string& bytes() const { return m_bytes; }

private:
    std::string m_bytes;
};

} // namespace lathe::formats::onnx
