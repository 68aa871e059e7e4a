#include <core/formats/exported_program/weights.h>

#include <algorithm>
#include <limits>
#include <optional>

#include <core/base/json_reader.h>
#include <core/formats/exported_program/types.h>

namespace lathe::formats {

namespace {

using base::ErrorCode;
using base::failure;
using base::JsonReader;

constexpr std::size_t maxWeights = 1'000'000;
constexpr std::size_t maxRank = 64; ///< what ATen takes

struct Payload {
    std::string folder, configuration;
};

/// One past the last byte that the view reads; nothing when the numbers do not fit.
std::optional<std::int64_t> endOfView(const tensor::Shape& sizes, const std::vector<std::int64_t>& strides, std::int64_t offset,
                                      std::int64_t elementBytes) {
    std::int64_t last = offset;
    for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
        if (sizes[axis] == 0) return 0;
        std::int64_t step = 0;
        if (__builtin_mul_overflow(sizes[axis] - 1, strides[axis], &step) || __builtin_add_overflow(last, step, &last)) return std::nullopt;
    }
    std::int64_t end = 0;
    if (__builtin_add_overflow(last, 1, &last) || __builtin_mul_overflow(last, elementBytes, &end)) return std::nullopt;
    return end;
}

base::Result<> readPayload(const ModelArchive& archive, const Payload& payload, ExportedWeights& weights) {
    const std::string path = payload.folder + payload.configuration;
    const auto text = archive.readText(path);
    if (!text) return base::forward(text);
    const auto json = base::parseJson(*text);
    if (!json) return failure(ErrorCode::Rejected, "The entry \"" + path + "\" cannot be read: " + json.error().message.text() + ".");
    const JsonReader in(*json, path);
    const JsonReader config = in["config"];
    if (!in.isGood()) return in.finish(0).map([](int) {});
    if (!config.json().is_object() || config.json().size() > maxWeights)
        return failure(ErrorCode::Rejected, "The entry \"" + path + "\" does not list the weights.");

    std::map<std::string, std::shared_ptr<const tensor::Storage>> storages;
    for (const auto& [name, entry] : config.json().items()) {
        const JsonReader one(entry, path + ": \"" + name.substr(0, 128) + "\"");
        const bool isPickled = one["use_pickle"].boolean();
        const std::string file = one["path_name"].text();
        if (isPickled)
            return failure(ErrorCode::Rejected,
                           "\"" + name + "\" is stored as a Python pickle, which could run any code when it is loaded (CVE-2026-4538).");
        const JsonReader meta = one["tensor_meta"];
        if (auto good = one.finish(0); !good) return base::forward(good);
        auto& storage = storages[file];
        if (!storage) {
            auto bytes = archive.read(payload.folder + file);
            if (!bytes) return failure(ErrorCode::Rejected, "\"" + name + "\" is missing: " + bytes.error().message.text());
            storage = std::move(*bytes);
        }
        auto view = viewOfStorage(name, meta.json(), storage);
        if (!view) return base::forward(view);
        if (!weights.emplace(name, std::move(*view)).second)
            return failure(ErrorCode::Rejected, "\"" + name + "\" is stored twice, as a weight and as a constant.");
    }
    return {};
}

} // namespace

base::Result<tensor::Tensor> viewOfStorage(const std::string& name, const base::Json& meta,
                                           const std::shared_ptr<const tensor::Storage>& storage) {
    const JsonReader in(meta, "\"" + name + "\"");
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    const auto number = [](const JsonReader& each) { return each["as_int"].integer(0, most); };
    const std::int64_t type = in["dtype"].integer();
    const tensor::Shape sizes = in["sizes"].list(number, maxRank);
    const std::vector<std::int64_t> strides = in["strides"].list(number, maxRank);
    const std::int64_t offset = number(in["storage_offset"]);
    const std::int64_t layout = in["layout"].integer();
    if (auto good = in.finish(0); !good) return base::forward(good);
    const auto rejected = [&](const std::string& what) { return failure(ErrorCode::Rejected, "\"" + name + "\" " + what + "."); };
    const auto dtype = dtypeFromSchema(type);
    if (!dtype) return rejected("has elements of a type that cannot be used (number " + std::to_string(type) + ")");
    if (layout != stridedLayout) return rejected("is stored in a sparse layout, which cannot be used");
    if (sizes.size() != strides.size()) return rejected("has not as many strides as dimensions");
    const auto elements = tensor::checkedElementCount(sizes);
    const auto elementBytes = static_cast<std::int64_t>(tensor::byteSize(*dtype));
    const auto end = endOfView(sizes, strides, offset, elementBytes);
    // A stride of 0 could make 8 bytes look like all the memory there is.
    const auto stored = static_cast<std::int64_t>(storage->bytes().size());
    if (!elements || !end || *elements > std::max<std::int64_t>(stored, 1) * 64)
        return rejected("claims the impossible size " + tensor::text(sizes));
    if (*end > stored) return rejected("needs " + std::to_string(*end) + " bytes, but only " + std::to_string(stored) + " are stored");
    if (*elements == 0) return tensor::Tensor::zeros(*dtype, sizes);
    return tensor::Tensor(*dtype, sizes, strides, storage, offset * elementBytes);
}

base::Result<ExportedWeights> readExportedWeights(const ModelArchive& archive, const std::string& modelName) {
    ExportedWeights weights;
    const Payload payloads[] = {{"data/weights/", modelName + "_weights_config.json"},
                                {"data/constants/", modelName + "_constants_config.json"}};
    for (const Payload& payload : payloads) {
        if (!archive.contains(payload.folder + payload.configuration))
            return failure(ErrorCode::Rejected,
                           "The archive does not describe its weights (\"" + payload.folder + payload.configuration +
                               "\" is missing); old versions of PyTorch pickled them, which is not safe to load: export the model again.");
        if (auto read = readPayload(archive, payload, weights); !read) return base::forward(read);
    }
    return weights;
}

} // namespace lathe::formats
