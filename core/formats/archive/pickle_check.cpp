#include <core/formats/archive/pickle_check.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <memory>

namespace lathe::formats {

namespace {

using namespace std::string_view_literals;

struct Global {
    std::string_view module, name;
};
/// What PyTorch writes for tensors and plain values. An allow-list: whatever is not on it could do anything.
constexpr std::array allowedGlobals{
    Global{"collections", "OrderedDict"},
    Global{"torch", "Size"},
    Global{"torch", "device"},
    Global{"torch", "per_channel_affine"},
    Global{"torch", "per_tensor_affine"},
    Global{"torch._utils", "_rebuild_parameter"},
    Global{"torch._utils", "_rebuild_qtensor"},
    Global{"torch._utils", "_rebuild_tensor"},
    Global{"torch._utils", "_rebuild_tensor_v2"},
    Global{"torch.jit._pickle", "build_boollist"},
    Global{"torch.jit._pickle", "build_doublelist"},
    Global{"torch.jit._pickle", "build_intlist"},
    Global{"torch.jit._pickle", "build_tensorlist"},
    Global{"torch.jit._pickle", "restore_type_tag"},
};

/// What quantized layers keep their weights in.
constexpr std::array packedClasses{
    "__torch__.torch.classes.quantized.Conv2dPackedParamsBase"sv,
    "__torch__.torch.classes.quantized.Conv3dPackedParamsBase"sv,
    "__torch__.torch.classes.quantized.EmbeddingPackedParamsBase"sv,
    "__torch__.torch.classes.quantized.LinearPackedParamsBase"sv,
    "__torch__.torch.classes.rnn.CellParamsBase"sv,
};

bool isAllowed(std::string_view module, std::string_view name) {
    // Classes of PyTorch's own C++ libraries: what they make of their state is up to them. Dots may be on either side.
    const std::string whole = std::string(module) + "." + std::string(name);
    if (whole.starts_with("__torch__.torch.classes.")) return std::ranges::find(packedClasses, whole) != packedClasses.end();
    // Classes whose code, in PyTorch's restricted language, is in the archive.
    if (module == "__torch__" || module.starts_with("__torch__.")) return true;
    if (module == "torch" && name.ends_with("Storage")) return true;
    return std::ranges::any_of(allowedGlobals, [&](const Global& global) { return global.module == module && global.name == name; });
}

bool isPickle(std::string_view name) {
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return lower.ends_with(".pkl") || lower.ends_with(".debug_pkl");
}

} // namespace

PickleRules pickleRules(std::string_view name, const std::vector<ZipEntry>& entries) {
    const auto bytesByName = std::make_shared<std::map<std::string_view, std::uint64_t>>();
    for (const ZipEntry& entry : entries)
        bytesByName->emplace(entry.name, entry.bytes);
    // The example inputs of tracing are written without their values, and never read.
    if (name.ends_with("/traced_inputs.pkl")) return {isAllowed, [](std::string_view) { return std::numeric_limits<std::int64_t>::max(); }};
    const std::string folder = std::string(name.substr(0, name.rfind('.'))) + "/";
    return {isAllowed, [bytesByName, folder](std::string_view key) -> std::optional<std::uint64_t> {
                const auto found = bytesByName->find(folder + std::string(key));
                if (found == bytesByName->end()) return std::nullopt;
                return found->second;
            }};
}

base::Result<> checkPickles(std::string_view archive, const std::vector<ZipEntry>& entries) {
    for (const ZipEntry& entry : entries) {
        if (!isPickle(entry.name)) continue;
        const auto content = unpack(archive, entry);
        if (!content) return forward(content);
        if (const auto pickle = readPickle(*content, pickleRules(entry.name, entries)); !pickle) {
            const std::string name = entry.name.substr(entry.name.rfind('/') + 1);
            return base::failure(base::ErrorCode::Rejected, "holds a pickle (" + name + ") that " + pickle.error().message.text() + ".");
        }
    }
    return {};
}

} // namespace lathe::formats
