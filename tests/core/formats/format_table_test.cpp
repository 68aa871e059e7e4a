#include <core/formats/format_table.h>

#include <set>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/base/model_formats.h>
#include <core/formats/content_kind.h>

namespace lathe::formats {
namespace {

namespace fs = std::filesystem;

TEST(FormatTable, HasARowForEachFormatThatPeopleSee) {
    ASSERT_EQ(formatTable().size(), base::modelFormats().size());
    for (std::size_t i = 0; i < formatTable().size(); ++i) {
        const FormatSpec& format = formatTable()[i];
        EXPECT_EQ(format.id, base::modelFormats()[i].id);
        EXPECT_EQ(&formatSpec(format.id), &format);
        EXPECT_TRUE(format.isContent != nullptr && format.read != nullptr && format.write != nullptr) << format.id;
        EXPECT_TRUE(format.judge == "libtorch" || format.judge == "lathe") << format.id;
    }
}

/// resources/python/run_export.py finds a loader for each by its id.
TEST(FormatTable, PythonHasALoaderForEachFormatThatItJudges) {
    const auto script = base::readFile(fs::path(LATHE_SOURCE_DIR) / "resources/python/run_export.py");
    ASSERT_TRUE(script);
    for (const FormatSpec& format : formatTable()) {
        const bool isNamed = script->find("\"" + std::string(format.id) + "\": load_") != std::string::npos;
        EXPECT_EQ(isNamed, !format.pythonJudge.empty()) << format.id;
        EXPECT_TRUE(format.pythonJudge.empty() || script->find("import " + std::string(format.pythonJudge)) != std::string::npos)
            << format.id;
    }
}

/// What a writer of the table writes is told by content, whatever the file is called, and read by the reader of the same row.
TEST(FormatTable, EveryFormatReadsWhatItWrites) {
    const base::TemporaryFolder folder;
    const auto model = openModel(fs::path(LATHE_SOURCE_DIR) / "tests/data/exported/lenet.pt2");
    ASSERT_TRUE(model) << model.error().text();
    for (const FormatSpec& format : formatTable()) {
        const fs::path file = folder.path() / ("model_" + std::string(format.id) + ".bin");
        const auto written = format.write(model->graph, file, {});
        ASSERT_TRUE(written) << format.id << ": " << written.error().text();
        EXPECT_EQ(static_cast<std::uintmax_t>(*written), fs::file_size(file));
        const auto content = detectContent(file);
        ASSERT_TRUE(content) << content.error().text();
        EXPECT_EQ(content->format, &format) << format.id;
        const auto read = format.read(file, {});
        ASSERT_TRUE(read) << format.id << ": " << read.error().text();
        const auto opened = openModel(file);
        ASSERT_TRUE(opened) << opened.error().text();
        EXPECT_EQ(opened->report.format, format.id);
        EXPECT_EQ(mayHaveFilesBeside(file), format.hasFilesBeside) << format.id;
    }
    EXPECT_FALSE(mayHaveFilesBeside(folder.path()));
    EXPECT_FALSE(mayHaveFilesBeside(folder.path() / "missing"));
}

} // namespace
} // namespace lathe::formats
