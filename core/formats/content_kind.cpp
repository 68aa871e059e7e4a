#include <core/formats/content_kind.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <core/base/files.h>
#include <core/formats/archive/pickle_check.h>
#include <core/formats/archive/zip_check.h>

namespace lathe::formats {

namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

struct Magic {
    std::size_t offset;
    std::string_view bytes;
    ContentKind kind;
};
constexpr std::array magics{
    Magic{0, "\x89HDF\r\n\x1a\n"sv, ContentKind::Hdf5},
    Magic{4, "TFL3"sv, ContentKind::TensorFlowLite},
    Magic{4, "PTMF"sv, ContentKind::TorchScriptMobile},
    Magic{0, "GGUF"sv, ContentKind::Gguf},
};

/// What to do in Python instead of torch.save.
constexpr auto howToSave = "torch.jit.trace(model, example).save(\"model.pt\") or "
                           "torch.export.save(torch.export.export(model, (example,)), \"model.pt2\")"sv;

std::string quoted(const fs::path& file) { return std::string("\"").append(file.filename().string()).append("\""); }

tl::unexpected<base::Error> rejected(const fs::path& file, std::string_view what) {
    return base::failure(base::ErrorCode::Rejected, quoted(file) + " " + std::string(what));
}

/// A pickle of protocol 2 or later: PROTO, its number, and STOP at the end.
bool isPickle(std::string_view bytes) { return bytes.size() > 2 && bytes[0] == '\x80' && bytes[1] >= 2 && bytes[1] <= 5; }

/// ModelProto: field 1 (ir_version) as a small varint, followed by the key of another of its fields.
bool isOnnx(std::string_view bytes) {
    constexpr auto keys = "\x12\x1a\x22\x28\x32\x3a\x42\x72"sv;
    return bytes.size() > 3 && bytes[0] == '\x08' && bytes[1] >= 1 && keys.find(bytes[2]) != std::string_view::npos;
}

/// Length of the JSON header in 8 bytes, little endian, then the header.
bool isSafetensors(std::string_view bytes) {
    if (bytes.size() < 10 || bytes[8] != '{') return false;
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), sizeof(length));
    return length <= bytes.size() - 8;
}

/// Sorts a zip by the names in it.
class ZipNames {
public:
    void add(std::string_view name) { m_names.emplace_back(name); }

    ContentKind kind() const {
        if (hasBelowTop("constants.pkl") && hasBelowTop("data.pkl") && hasFolder("code/")) return ContentKind::TorchScript;
        if (hasModelJson() || hasFolder("data/aotinductor/") || hasEnding("serialized_exported_program.json"))
            return ContentKind::ExportedProgram;
        if (hasBelowTop("data.pkl")) return ContentKind::TorchSave;
        const bool isNumpy =
            !m_names.empty() && std::ranges::all_of(m_names, [](const std::string& name) { return name.ends_with(".npy"); });
        return isNumpy ? ContentKind::NumpyArchive : ContentKind::Zip;
    }

private:
    /// "<top>/name", whatever the top folder is called.
    bool hasBelowTop(std::string_view wanted) const {
        return std::ranges::any_of(m_names, [=](const std::string& name) { return belowTop(name) == wanted; });
    }
    bool hasFolder(std::string_view folder) const {
        return std::ranges::any_of(m_names, [=](const std::string& name) { return belowTop(name).starts_with(folder); });
    }
    /// "<top>/models/….json"
    bool hasModelJson() const {
        return std::ranges::any_of(
            m_names, [](const std::string& name) { return belowTop(name).starts_with("models/") && name.ends_with(".json"); });
    }
    bool hasEnding(std::string_view ending) const {
        return std::ranges::any_of(m_names, [=](const std::string& name) { return name.ends_with(ending); });
    }
    static std::string_view belowTop(std::string_view name) {
        const auto slash = name.find('/');
        return slash == std::string_view::npos ? std::string_view{} : name.substr(slash + 1);
    }

    std::vector<std::string> m_names;
};

base::Result<ContentKind> detectZip(const fs::path& file, std::string_view bytes) {
    if (!hasZipDirectory(bytes)) return ContentKind::CutOffZip;
    const auto entries = checkZip(bytes);
    if (!entries) return rejected(file, entries.error().message);
    ZipNames names;
    for (const ZipEntry& entry : *entries)
        names.add(entry.name);
    const ContentKind kind = names.kind();
    if (kind == ContentKind::TorchScript || kind == ContentKind::TorchSave) {
        if (const auto pickles = checkPickles(bytes, *entries); !pickles) {
            std::string what = pickles.error().message;
            // torch.save(model): its classes are code that only its own program has.
            if (kind == ContentKind::TorchSave && what.find("asks Python to call") != std::string::npos) {
                what += " torch.save(model) writes such files; write the model itself with ";
                what += howToSave;
                what += ".";
            }
            return rejected(file, what);
        }
    }
    return kind;
}

} // namespace

base::Result<ContentKind> detectContent(const fs::path& file) {
    std::error_code error;
    const auto status = fs::status(file, error);
    if (status.type() == fs::file_type::not_found)
        return base::failure(base::ErrorCode::NotFound, std::string("\"").append(file.string()).append("\" does not exist."));
    if (status.type() == fs::file_type::directory) return rejected(file, "is a folder, not a model file.");
    if (status.type() == fs::file_type::regular && fs::file_size(file, error) == 0 && !error) return rejected(file, "is empty.");
    const auto mapped = base::MappedFile::open(file);
    if (!mapped) return base::forward(mapped);
    const auto raw = (*mapped)->bytes();
    const std::string_view bytes(reinterpret_cast<const char*>(raw.data()), raw.size());

    // "PK\5\6" begins an archive without entries.
    if (bytes.starts_with("PK\x03\x04"sv) || bytes.starts_with("PK\x05\x06"sv)) return detectZip(file, bytes);
    for (const Magic& magic : magics) {
        if (bytes.size() >= magic.offset + magic.bytes.size() && bytes.substr(magic.offset, magic.bytes.size()) == magic.bytes)
            return magic.kind;
    }
    if (isSafetensors(bytes)) return ContentKind::Safetensors;
    if (isPickle(bytes)) return ContentKind::Pickle;
    if (isOnnx(bytes)) return ContentKind::Onnx;
    return ContentKind::Unknown;
}

base::Error refusal(ContentKind kind, const fs::path& file) {
    const auto sentence = [kind]() -> std::string {
        switch (kind) {
        case ContentKind::TorchScript:
        case ContentKind::ExportedProgram:
        case ContentKind::Onnx:
            break;
        case ContentKind::TorchSave:
            return "was written by torch.save and holds weights (a state dict) without the model; load them into the model and write it "
                   "with " +
                   std::string(howToSave) + ".";
        case ContentKind::NumpyArchive:
            return "holds NumPy arrays (.npz), not a model.";
        case ContentKind::Zip:
            return "is a zip archive without a model in it.";
        case ContentKind::CutOffZip:
            return "is cut off: the end of the archive is missing.";
        case ContentKind::Pickle:
            return "is a Python pickle, which could run any code when it is loaded; write the model with " + std::string(howToSave) + ".";
        case ContentKind::Safetensors:
            return "holds weights without the model (safetensors).";
        case ContentKind::Hdf5:
            return "is an HDF5 file (Keras), which cannot be opened; write the model as TorchScript.";
        case ContentKind::TensorFlowLite:
            return "is a LiteRT (TensorFlow Lite) model, which cannot be opened; write the model as TorchScript.";
        case ContentKind::TorchScriptMobile:
            return "is a model for PyTorch's mobile interpreter, whose weights are not kept by name; write it with torch.jit.save.";
        case ContentKind::Gguf:
            return "is a GGUF file, which cannot be opened; write the model as TorchScript.";
        case ContentKind::Unknown:
            return "is not a model: its content is of no known format.";
        }
        assert(false && "a file that can be opened is not refused");
        return "is a model.";
    };
    return {base::ErrorCode::Rejected, quoted(file) + " " + sentence(), {}};
}

} // namespace lathe::formats
