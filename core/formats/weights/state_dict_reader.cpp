#include <core/formats/weights/state_dict_reader.h>

#include <algorithm>
#include <array>

#include <core/formats/archive/pickle_check.h>

namespace lathe::formats {

namespace {

using Kind = PickleValue::Kind;

tl::unexpected<base::Error> rejected(std::string message) { return base::failure(base::ErrorCode::Rejected, std::move(message)); }

const PickleValue* member(const Pickle& pickle, const PickleValue& dict, std::string_view key) {
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
        const PickleValue& name = pickle.at(dict.items[i]);
        if (name.kind == Kind::Text && name.text == key) return &pickle.at(dict.items[i + 1]);
    }
    return nullptr;
}

/// The dictionary with the tensors.
base::Result<const PickleValue*> stateDict(const Pickle& pickle) {
    const PickleValue& root = pickle.at(pickle.root);
    if (root.kind == Kind::Dict) {
        for (const char* key : {"state_dict", "model_state_dict", "model", "module"}) {
            if (const PickleValue* inner = member(pickle, root, key); inner != nullptr && inner->kind == Kind::Dict) return inner;
        }
        for (std::size_t i = 1; i < root.items.size(); i += 2) {
            if (pickle.at(root.items[i]).kind == Kind::Tensor) return &root;
        }
    }
    return rejected("was written by torch.save, but holds no state dict with weights by name.");
}

} // namespace

base::Result<NamedTensors> readStateDict(std::span<const std::byte> bytes, const std::shared_ptr<const void>& owner) {
    const std::string_view archive(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const auto entries = checkZip(archive);
    if (!entries) return forward(entries);
    const auto data = std::ranges::find_if(*entries, [](const ZipEntry& entry) { return entry.name.ends_with("/data.pkl"); });
    if (data == entries->end()) return rejected("was not written by torch.save.");
    const auto content = unpack(archive, *data);
    if (!content) return forward(content);
    const auto pickle = readPickle(*content, pickleRules(data->name, *entries));
    if (!pickle) return rejected("holds a pickle (data.pkl) that " + pickle.error().message.text() + ".");
    const auto dict = stateDict(*pickle);
    if (!dict) return forward(dict);

    const std::string folder = data->name.substr(0, data->name.rfind('.')) + "/";
    std::map<std::string, std::shared_ptr<const tensor::Storage>> storages; // shared by tied weights
    NamedTensors tensors;
    for (std::size_t i = 0; i + 1 < (*dict)->items.size(); i += 2) {
        const PickleValue& name = pickle->at((*dict)->items[i]);
        const PickleValue& value = pickle->at((*dict)->items[i + 1]);
        if (name.kind != Kind::Text || value.kind != Kind::Tensor) continue; // "epoch": 3
        const PickledTensor& pickled = pickle->tensors[static_cast<std::size_t>(value.integer)];
        if (!pickled.dtype) return rejected("holds \"" + std::string(name.text) + "\" with an element type that Lathe does not keep.");
        auto& storage = storages[pickled.key];
        if (!storage) {
            const auto record = std::ranges::find(*entries, folder + pickled.key, &ZipEntry::name);
            if (record == entries->end()) {
                storage = tensor::Storage::copyOf({}); // only tensors without elements
            } else if (record->isDeflated) {
                const auto unpacked = unpack(archive, *record);
                if (!unpacked) return forward(unpacked);
                storage = tensor::Storage::copyOf(std::as_bytes(std::span(*unpacked)));
            } else {
                const auto part = bytes.subspan(static_cast<std::size_t>(record->dataOffset), static_cast<std::size_t>(record->bytes));
                constexpr std::uintptr_t largestElement = 8;
                const bool isAligned = reinterpret_cast<std::uintptr_t>(part.data()) % largestElement == 0;
                storage = isAligned ? tensor::Storage::adopt(part, owner) : tensor::Storage::copyOf(part);
            }
        }
        const auto offset = pickled.offset * static_cast<std::int64_t>(tensor::byteSize(*pickled.dtype));
        tensors.insert_or_assign(std::string(name.text), tensor::Tensor(*pickled.dtype, pickled.shape, pickled.strides, storage, offset));
    }
    return tensors;
}

} // namespace lathe::formats
