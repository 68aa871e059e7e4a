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
                           "torch.export.save(torch.export.export(model, (example,)), \"model.pt2\")";

base::Error rejection(const fs::path& file, const base::Message& problem) {
    return {base::ErrorCode::Rejected, {"file.problem", {{"file", file.filename().string()}, {"problem", problem}}}, {}};
}

tl::unexpected<base::Error> rejected(const fs::path& file, const base::Message& problem) {
    return tl::unexpected<base::Error>(rejection(file, problem));
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
            const base::Message& problem = pickles.error().message;
            // torch.save(model): its classes are code that only its own program has.
            const bool hasClasses = problem.text().find("asks Python to call") != std::string::npos;
            if (kind != ContentKind::TorchSave || !hasClasses) return rejected(file, problem);
            return rejected(file, {"file.torchSaveOfModel", {{"problem", problem}, {"how", howToSave}}});
        }
    }
    return DetectedContent{kind, format};
}

} // namespace

base::Result<DetectedContent> detectContent(const fs::path& file) {
    std::error_code error;
    const auto status = fs::status(file, error);
    if (error == std::errc::too_many_symbolic_link_levels) return rejected(file, {"file.linkToItself", {}});
    if (std::error_code ignored; status.type() == fs::file_type::not_found && fs::is_symlink(file, ignored))
        return base::failure(
            base::ErrorCode::NotFound,
            {"file.linkToNothing", {{"file", file.filename().string()}, {"target", fs::read_symlink(file, ignored).string()}}});
    if (status.type() == fs::file_type::not_found)
        return base::failure(base::ErrorCode::NotFound, {"file.doesNotExist", {{"file", file.string()}}});
    if (status.type() == fs::file_type::directory) return rejected(file, {"file.folderIsNoModel", {}});
    if (status.type() == fs::file_type::regular && fs::file_size(file, error) == 0 && !error) return rejected(file, {"file.empty", {}});
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
    const auto problem = [kind]() -> base::Message {
        switch (kind) {
        case ContentKind::Model:
            break;
        case ContentKind::TorchSave:
            return {"file.torchSave", {{"how", howToSave}}};
        case ContentKind::NumpyArchive:
            return {"file.numpyArchive", {}};
        case ContentKind::Zip:
            return {"file.zipWithoutModel", {}};
        case ContentKind::CutOffZip:
            return {"file.cutOffZip", {}};
        case ContentKind::Pickle:
            return {"file.pickle", {{"how", howToSave}}};
        case ContentKind::Safetensors:
            return {"file.safetensors", {}};
        case ContentKind::Hdf5:
            return {"file.hdf", {}};
        case ContentKind::TensorFlowLite:
            return {"file.tensorFlowLite", {}};
        case ContentKind::TorchScriptMobile:
            return {"file.torchScriptMobile", {}};
        case ContentKind::Gguf:
            return {"file.gguf", {}};
        case ContentKind::Unknown:
            return {"file.unknownFormat", {}};
        }
        assert(false && "a file that can be opened is not refused");
        return "is a model.";
    };
    return rejection(file, problem());
}

} // namespace lathe::formats
