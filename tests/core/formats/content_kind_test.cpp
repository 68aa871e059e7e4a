#include <core/formats/content_kind.h>

#include <fstream>
#include <memory>

#include <gtest/gtest.h>
#include <zip.h>

#include <core/base/files.h>
#include <core/formats/format_table.h>

namespace lathe::formats {
namespace {

using namespace std::string_literals;
namespace fs = std::filesystem;

class ContentKindTest : public testing::Test {
protected:
    fs::path write(const std::string& name, const std::string& content) const {
        const fs::path file = m_folder.path() / name;
        std::ofstream(file, std::ios::binary) << content;
        return file;
    }
    fs::path writeZip(const std::string& name, const std::vector<std::string>& entries, const std::string& content = "\x80\2N.") const {
        const fs::path file = m_folder.path() / name;
        int error = 0;
        zip_t* archive = zip_open(file.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &error);
        for (const std::string& entry : entries)
            zip_file_add(archive, entry.c_str(), zip_source_buffer(archive, content.data(), content.size(), 0), ZIP_FL_OVERWRITE);
        EXPECT_EQ(zip_close(archive), 0);
        return file;
    }
    static std::string readAll(const fs::path& file) { return base::readFile(file).value(); }

    base::TemporaryFolder m_folder;
};

struct Case {
    std::string name, content;
    ContentKind kind;
    std::string format = {}; ///< of a model
};

/// "onnx"; "" of what is no model.
std::string formatOf(const DetectedContent& content) { return content.format == nullptr ? "" : std::string(content.format->id); }

TEST_F(ContentKindTest, KnowsFormatsByTheirFirstBytes) {
    const std::vector<Case> cases{
        {"model.h5", "\x89HDF\r\n\x1a\n then data", ContentKind::Hdf5},
        {"model.tflite", "\x1c\0\0\0TFL3 and more"s, ContentKind::TensorFlowLite},
        {"model.ptl", "\x18\0\0\0PTMF and more"s, ContentKind::TorchScriptMobile},
        {"model.gguf", "GGUF\3\0\0\0"s, ContentKind::Gguf},
        {"model.safetensors", "\2\0\0\0\0\0\0\0{}"s, ContentKind::Safetensors},
        {"model.pkl", "\x80\4\x95\5\0\0"s, ContentKind::Pickle},
        {"model.onnx", "\x08\x08\x12\x07pytorch"s, ContentKind::Model, "onnx"},
        {"random.pt", "\xf3\x11 nothing that anybody knows"s, ContentKind::Unknown},
        {"text.pt", "import torch\n"s, ContentKind::Unknown},
        {"one_byte.pt", "P"s, ContentKind::Unknown},
    };
    for (const Case& entry : cases) {
        const auto kind = detectContent(write(entry.name, entry.content));
        ASSERT_TRUE(kind) << entry.name << ": " << kind.error().text();
        EXPECT_EQ(*kind, entry.kind) << entry.name;
        EXPECT_EQ(formatOf(*kind), entry.format) << entry.name;
    }
}

TEST_F(ContentKindTest, KnowsZipArchivesByTheirNames) {
    struct Archive {
        std::vector<std::string> names;
        ContentKind kind;
        std::string format = {};
    };
    const std::vector<Archive> cases{
        {{"m/data.pkl", "m/constants.pkl", "m/code/__torch__.py", "m/version"}, ContentKind::Model, "torchscript"},
        {{"m/data.pkl", "m/data/0", "m/version"}, ContentKind::TorchSave},
        {{"m/data.pkl", "m/constants.pkl", "m/version"}, ContentKind::TorchSave},
        {{"m/models/model.json", "m/data/weights/w0"}, ContentKind::Model, "pt2"},
        {{"m/models/lenet.json"}, ContentKind::Model, "pt2"},
        {{"m/data/aotinductor/model/model.so"}, ContentKind::Model, "pt2"},
        {{"models/model.json"}, ContentKind::Zip},
        {{"serialized_exported_program.json", "version"}, ContentKind::Model, "pt2"},
        {{"images.npy", "labels.npy"}, ContentKind::NumpyArchive},
        {{"readme.txt", "photo.png"}, ContentKind::Zip},
    };
    for (const auto& [names, expected, format] : cases) {
        const auto kind = detectContent(writeZip("archive.pt", names));
        ASSERT_TRUE(kind) << kind.error().text();
        EXPECT_EQ(*kind, expected) << names.front();
        EXPECT_EQ(formatOf(*kind), format) << names.front();
    }
}

TEST_F(ContentKindTest, AnArchiveWithoutEntriesHoldsNoModel) {
    const auto kind = detectContent(write("empty.zip", "PK\5\6"s + std::string(18, '\0')));
    ASSERT_TRUE(kind) << kind.error().text();
    EXPECT_EQ(*kind, ContentKind::Zip);
}

TEST_F(ContentKindTest, SeesThatAnArchiveIsCutOff) {
    const std::string whole = readAll(fs::path(LATHE_SOURCE_DIR) / "tests/data/torchscript/lenet_traced.pt");
    ASSERT_EQ(formatOf(detectContent(write("whole.pt", whole)).value()), "torchscript");
    for (const std::size_t size : {whole.size() / 2, whole.size() - 30, std::size_t{64}})
        EXPECT_EQ(detectContent(write("cut.pt", whole.substr(0, size))).value(), ContentKind::CutOffZip) << size;
}

TEST_F(ContentKindTest, RefusesWhatIsNoFile) {
    const auto missing = detectContent(m_folder.path() / "missing.pt");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, base::ErrorCode::NotFound);
    EXPECT_EQ(missing.error().message, "\"" + (m_folder.path() / "missing.pt").string() + "\" does not exist.");

    const auto empty = detectContent(write("empty.pt", ""));
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().code, base::ErrorCode::Rejected);
    EXPECT_EQ(empty.error().message, "\"empty.pt\" is empty.");

    fs::create_symlink("../blobs/aa", m_folder.path() / "dangling.pt");
    const auto dangling = detectContent(m_folder.path() / "dangling.pt");
    ASSERT_FALSE(dangling);
    EXPECT_EQ(dangling.error().code, base::ErrorCode::NotFound);
    EXPECT_EQ(dangling.error().message, "\"dangling.pt\" is a link to \"../blobs/aa\", which does not exist.");

    fs::create_symlink("round.pt", m_folder.path() / "loop.pt");
    fs::create_symlink("loop.pt", m_folder.path() / "round.pt");
    const auto loop = detectContent(m_folder.path() / "loop.pt");
    ASSERT_FALSE(loop);
    EXPECT_EQ(loop.error().code, base::ErrorCode::Rejected);
    EXPECT_EQ(loop.error().message, "\"loop.pt\" is a link that leads nowhere but to itself.");

    fs::create_directory(m_folder.path() / "folder.pt");
    fs::create_directory_symlink("folder.pt", m_folder.path() / "link.pt");
    const auto linked = detectContent(m_folder.path() / "link.pt");
    ASSERT_FALSE(linked);
    EXPECT_EQ(linked.error().message, "\"link.pt\" is a folder, not a model file.");
    const auto folder = detectContent(m_folder.path() / "folder.pt");
    ASSERT_FALSE(folder);
    EXPECT_EQ(folder.error().message, "\"folder.pt\" is a folder, not a model file.");
}

TEST_F(ContentKindTest, RefusesToUnpackAbsurdAmounts) {
    const auto bomb =
        detectContent(writeZip("bomb.pt", {"m/data.pkl", "m/constants.pkl", "m/code/a.py"}, std::string(std::size_t{100} << 20, 'a')));
    ASSERT_FALSE(bomb);
    EXPECT_EQ(bomb.error().message, "\"bomb.pt\" would unpack to more than 256 MB, which no model needs.");
}

TEST_F(ContentKindTest, AModelOfTorchSaveIsToldWhatToDoInstead) {
    // PROTO 2, GLOBAL __main__.Net, EMPTY_TUPLE, NEWOBJ, STOP
    const auto found = detectContent(writeZip("model.pt", {"m/data.pkl", "m/version"},
                                              std::string("\x80\x02"
                                                          "c__main__\nNet\n)\x81.")));
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, base::ErrorCode::Rejected);
    for (const char* part : {"\"model.pt\"", "__main__.Net", "torch.save(model)", "torch.jit.trace", "torch.export.export"})
        EXPECT_NE(found.error().message.text().find(part), std::string::npos) << found.error().message;
}

TEST(Refusal, IsOneSentenceThatNamesTheFileAndWhatItIs) {
    const std::vector<std::pair<ContentKind, std::string>> cases{
        {ContentKind::TorchSave, "state dict"},    {ContentKind::TorchSave, "torch.export.export"}, {ContentKind::NumpyArchive, "NumPy"},
        {ContentKind::Zip, "without a model"},     {ContentKind::CutOffZip, "is cut off"},          {ContentKind::Pickle, "pickle"},
        {ContentKind::Pickle, "torch.jit.trace"},  {ContentKind::Safetensors, "safetensors"},       {ContentKind::Hdf5, "HDF5"},
        {ContentKind::TensorFlowLite, "LiteRT"},   {ContentKind::TorchScriptMobile, "mobile"},      {ContentKind::Gguf, "GGUF"},
        {ContentKind::Unknown, "no known format"},
    };
    for (const auto& [kind, word] : cases) {
        const base::Error error = refusal(kind, "/somewhere/model.bin");
        EXPECT_EQ(error.code, base::ErrorCode::Rejected);
        EXPECT_TRUE(error.message.text().starts_with("\"model.bin\" ")) << error.message;
        EXPECT_TRUE(error.message.text().ends_with(".")) << error.message;
        EXPECT_NE(error.message.text().find(word), std::string::npos) << error.message;
        EXPECT_EQ(error.message.text().find('\n'), std::string::npos) << error.message;
    }
}

} // namespace
} // namespace lathe::formats
