#include <core/engine/sample_bytes.h>

#include <cstring>

#include <core/data/npy.h>

namespace lathe::engine {

namespace {

const std::string inputKind = "input", labelsKind = "labels";

void addBlock(std::string& bytes, const std::string& block) {
    const std::uint64_t size = block.size();
    bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
    bytes += block;
}

/// The next block and moves behind it; nothing when it does not fit.
std::optional<std::string> takeBlock(std::string_view& bytes) {
    std::uint64_t size = 0;
    if (bytes.size() < sizeof size) return std::nullopt;
    std::memcpy(&size, bytes.data(), sizeof size);
    bytes.remove_prefix(sizeof size);
    if (size > bytes.size()) return std::nullopt;
    std::string block(bytes.substr(0, size));
    bytes.remove_prefix(size);
    return block;
}

} // namespace

std::string sampleBytes(const data::Dataset& dataset) {
    const auto split = dataset.size(data::Split::Test) > 0 ? data::Split::Test : data::Split::Train;
    const std::vector<data::DataInput> inputs = dataset.inputs();
    std::string bytes;
    for (std::size_t index = 0; index < inputs.size(); ++index) {
        addBlock(bytes, inputKind);
        addBlock(bytes, inputs[index].name);
        addBlock(bytes, data::formatNpy(dataset.input(index, split, 0, 1)));
    }
    if (dataset.hasLabels() && !dataset.labelsName().empty()) {
        addBlock(bytes, labelsKind);
        addBlock(bytes, dataset.labelsName());
        addBlock(bytes, data::formatNpy(dataset.labels(split, 0, 1)));
    }
    return bytes;
}

base::Result<std::vector<NamedSample>> parseSampleBytes(const std::string& bytes) {
    std::vector<NamedSample> samples;
    for (std::string_view rest = bytes; !rest.empty();) {
        const auto kind = takeBlock(rest), name = takeBlock(rest), array = takeBlock(rest);
        if (!kind || !name || !array) return base::failure(base::ErrorCode::Rejected, "The sample is cut off.");
        const auto* begin = reinterpret_cast<const std::byte*>(array->data());
        auto values = data::parseNpy({begin, begin + array->size()});
        if (!values) return base::forward(values);
        samples.push_back({*name, std::move(*values), *kind == labelsKind});
    }
    return samples;
}

} // namespace lathe::engine
