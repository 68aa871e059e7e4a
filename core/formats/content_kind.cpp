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
#include <core/formats/format_table.h>

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

/// Length of the JSON header in 8 bytes, little endian, then the header.
bool isSafetensors(std::string_view bytes) {
    if (bytes.size() < 10 || bytes[8] != '{') return false;
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), sizeof(length));
    return length <= bytes.size() - 8;
}

const FormatSpec* formatOf(const FileContent& content) {
    const auto found = std::ranges::find_if(formatTable(), [&](const FormatSpec& format) { return format.isContent(content); });
    return found == formatTable().end() ? nullptr : &*found;
}

/// Of an archive that holds no model.
ContentKind kindOf(const FileContent& archive) {
    if (archive.hasEntry("data.pkl")) return ContentKind::TorchSave;
    const auto& names = archive.entries;
    const bool isNumpy = !names.empty() && std::ranges::all_of(names, [](const std::string& name) { return name.ends_with(".npy"); });
    return isNumpy ? ContentKind::NumpyArchive : ContentKind::Zip;
}

base::Result<DetectedContent> detectZip(const fs::path& file, std::string_view bytes) {
    if (!hasZipDirectory(bytes)) return DetectedContent{ContentKind::CutOffZip};
    const auto entries = checkZip(bytes);
    if (!entries) return rejected(file, entries.error().message);
    FileContent content{.bytes = bytes, .entries = {}};
    for (const ZipEntry& entry : *entries)
        content.entries.push_back(entry.name);
    const FormatSpec* format = formatOf(content);
    const ContentKind kind = format != nullptr ? ContentKind::Model : kindOf(content);
    if (content.hasEntry("data.pkl")) {
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
    return DetectedContent{kind, format};
}

} // namespace

base::Result<DetectedContent> detectContent(const fs::path& file) {
    std::error_code error;
    const auto status = fs::status(file, error);
    if (error == std::errc::too_many_symbolic_link_levels) return rejected(file, "is a link that leads nowhere but to itself.");
    if (std::error_code ignored; status.type() == fs::file_type::not_found && fs::is_symlink(file, ignored))
        return base::failure(base::ErrorCode::NotFound,
                             quoted(file) + " is a link to \"" + fs::read_symlink(file, ignored).string() + "\", which does not exist.");
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
            return DetectedContent{magic.kind};
    }
    if (isSafetensors(bytes)) return DetectedContent{ContentKind::Safetensors};
    if (isPickle(bytes)) return DetectedContent{ContentKind::Pickle};
    if (const FormatSpec* format = formatOf({.bytes = bytes, .entries = {}})) return DetectedContent{ContentKind::Model, format};
    return DetectedContent{ContentKind::Unknown};
}

base::Error refusal(ContentKind kind, const fs::path& file) {
    const auto sentence = [kind]() -> std::string {
        switch (kind) {
        case ContentKind::Model:
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
