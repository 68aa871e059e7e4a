// Files that are odd or made to do harm, each refused with its sentence. The numbers are those of the list in core/decisions/0006.
#include <chrono>
#include <fstream>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/formats/long_names.h>
#include <core/formats/model_file.h>
#include <tests/core/formats/onnx/message.h>
#include <tests/support/archive_bytes.h>

namespace lathe::formats {
namespace {

using namespace std::string_literals;
using support::archiveBytes;
using support::ArchiveEntry;
using support::torchScriptBytes;
namespace fs = std::filesystem;

const std::string nothing = "\x80\2N."; ///< a pickle of None

std::string number(std::uint32_t value) { return {reinterpret_cast<const char*>(&value), sizeof value}; }

std::string inArchive(const ArchiveEntry& entry) { return archiveBytes({{.name = "m/version", .content = "3\n"}, entry}); }

std::string named(const std::string& name) { return inArchive({.name = name, .content = "?"}); }

/// The pickle of a tensor of two dimensions in data/0, which is said to have `count` floats.
std::string tensorPickle(std::uint32_t count, const std::string& sizes, const std::string& strides) {
    return "\x80\2ctorch._utils\n_rebuild_tensor_v2\n((X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0"s + "0X\3\0\0\0cpuJ"s +
           number(count) + "tQK\0("s + sizes + "t("s + strides +
           "t\x89"
           "ccollections\nOrderedDict\n)RtR."s;
}

std::string withPickle(const std::string& pickle) { return torchScriptBytes("    return x\n", pickle, std::string(16, '\0')); }

/// An archive whose second entry lies in the content of the first.
std::string overlapping() {
    const std::string inner = archiveBytes({{.name = "m/b", .content = "inner"}});
    const std::string local = inner.substr(0, inner.find("PK\1\2"));
    const std::uint32_t behindHeader = 30 + 3; // of m/a
    return archiveBytes({{.name = "m/a", .content = local}, {.name = "m/b", .content = "inner", .headerOffset = behindHeader}});
}

std::string manyEntries() {
    std::vector<ArchiveEntry> entries;
    for (int i = 0; i < 50'000; ++i)
        entries.push_back({.name = "m/data/" + std::to_string(i), .content = ""});
    return archiveBytes(entries);
}

struct HostileFile {
    std::string name, content, sentence; ///< the sentence goes on behind the file's name
};

std::vector<HostileFile> hostileFiles() {
    const std::string zeros(std::size_t{2} << 20, '\0');
    const std::string script = "cannot be read as TorchScript: ";
    return {
        {"1 empty file", "", "is empty."},
        {"3 zip bomb", inArchive({.name = "m/data.pkl", .content = zeros, .isDeflated = true}),
         "is a zip bomb: \"m/data.pkl\" unpacks to more than 100 times its size."},
        {"4 overlapping entries", overlapping(), "has the overlapping entry \"m/b\"."},
        {"5 50 000 entries", manyEntries(), "holds 50000 entries; no model needs more than 32768."},
        {"6 duplicate names", archiveBytes({{.name = "m/data.pkl", .content = nothing}, {.name = "m/data.pkl", .content = nothing}}),
         "holds the entry \"m/data.pkl\" twice."},
        {"6 names that differ in case",
         archiveBytes({{.name = "m/data.pkl", .content = nothing}, {.name = "m/DATA.pkl", .content = nothing}}),
         "holds the entry \"m/DATA.pkl\" twice."},
        {"7 parent folder", named("m/../../etc/passwd"), "has an entry \"m/../../etc/passwd\" that leads out of the archive."},
        {"7 absolute name", named("/etc/passwd"), "has an entry \"/etc/passwd\" that leads out of the archive."},
        {"7 drive", named("C:\\x"), "has an entry \"C:\\x\" that leads out of the archive."},
        {"8 symlink entry", inArchive({.name = "m/link", .content = "/etc/passwd", .attributes = 0120777U << 16}),
         "has an entry \"m/link\" that is a symbolic link."},
        {"9 wrong checksum", inArchive({.name = "m/data/0", .content = "weights", .crc = 7}),
         "is damaged: the checksum of \"m/data/0\" does not fit its content."},
        {"9 wrong checksum of code", inArchive({.name = "m/code/a.py", .content = "code", .isDeflated = true, .crc = 7}),
         "is damaged: the checksum of \"m/code/a.py\" does not fit its content."},
        {"10 two names", inArchive({.name = "m/data.pkl", .content = nothing, .localName = "m/evil.pkl"}),
         "is damaged: the directory and the header of \"m/data.pkl\" contradict each other."},
        {"11 sizes near 2^63", inArchive({.name = "m/data/0", .content = "weights", .claimedBytes = 0x7FFFFFFFFFFFFFF0}),
         "has an entry \"m/data/0\" that claims to hold 9223372036854775792 bytes."},
        {"12 encrypted entry", inArchive({.name = "m/data.pkl", .content = nothing, .flags = 1}), "is an encrypted zip archive."},
        {"13 NUL in a name", named("m/data\0.pkl"s),
         "has an entry whose name \"m/data?.pkl\" holds characters that are no text, such as line breaks."},
        {"13 line break in a name", named("m/a\nb"),
         "has an entry whose name \"m/a?b\" holds characters that are no text, such as line breaks."},
        {"13 right-to-left override", named("m/\u202Egpj.py"),
         "has an entry whose name \"m/???gpj.py\" holds characters that are no text, such as line breaks."},
        {"14 os.system", withPickle("\x80\2cos\nsystem\nX\2\0\0\0ls\x85R."s),
         "holds a pickle (data.pkl) that asks Python to call os.system, which no weights need."},
        {"15 unknown class", withPickle("\x80\2cmy.models\nNet\n)\x81."),
         "holds a pickle (data.pkl) that asks Python to call my.models.Net, which no weights need."},
        {"16 stack underflow", withPickle("\x80\2R."), "holds a pickle (data.pkl) that takes values that are not there."},
        {"16 mark underflow", withPickle("\x80\2t."), "holds a pickle (data.pkl) that takes values that are not there."},
        {"16 memo underflow", withPickle("\x80\2h\7."), "holds a pickle (data.pkl) that refers to a value that it never stored."},
        {"17 huge text", withPickle("\x80\2X\xFF\xFF\xFF\xFF."),
         "holds a pickle (data.pkl) that claims a text of 4294967295 bytes, more than follow."},
        {"17 huge memo", withPickle("\x80\2Nr\xF0\xFF\xFF\xFF."),
         "holds a pickle (data.pkl) that stores a value under the number 4294967280, more than it can hold."},
        {"17 deep nesting", withPickle("\x80\2N" + std::string(100'000, '\x85') + "."),
         "holds a pickle (data.pkl) that is nested more than 1000 deep."},
        {"18 negative size", withPickle(tensorPickle(4, "J" + number(0xFFFFFFFF) + "K\4", "K\4K\1")),
         "holds a pickle (data.pkl) that describes a tensor of the impossible shape -1x4."},
        {"18 overflowing size", withPickle(tensorPickle(4, "\x8a\x08\0\0\0\0\0\0\0\x40K\4"s, "K\4K\1")),
         "holds a pickle (data.pkl) that describes a tensor of the impossible shape 4611686018427387904x4."},
        {"19 short storage", withPickle(tensorPickle(4, "K\3K\2", "K\2K\1")),
         "holds a pickle (data.pkl) that describes a tensor of shape 3x2 that reaches beyond its 4 weights."},
        {"19 storage shorter than it says", withPickle(tensorPickle(5, "K\2K\2", "K\2K\1")),
         "holds a pickle (data.pkl) that claims 5 weights in the record \"0\", which has 16 bytes."},
        {"19 large stride", withPickle(tensorPickle(4, "K\2K\2", "\x8a\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7FK\1")),
         "holds a pickle (data.pkl) that describes a tensor of shape 2x2 that reaches beyond its 4 weights."},
        {"23 unknown operator of PyTorch's own", torchScriptBytes("    return torch.no_such_operator(x)\n"),
         script + "Unknown builtin op: aten::no_such_operator."},
        {"23 class that the archive does not bring", withPickle("\x80\2c__torch__.torch.classes.my\nThing\n)\x81}b."),
         "holds a pickle (data.pkl) that asks Python to call __torch__.torch.classes.my.Thing, which no weights need."},
        {"24 torch.save before 1.6", "\x80\2\x8a\nl\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\2M\xe9\3."s,
         "is a Python pickle, which could run any code when it is loaded; write the model with torch.jit.trace(model, "
         "example).save(\"model.pt\") or torch.export.save(torch.export.export(model, (example,)), \"model.pt2\")."},
        {"25 mobile flatbuffer", "\x18\0\0\0PTMF and more"s,
         "is a model for PyTorch's mobile interpreter, whose weights are not kept by name; write it with torch.jit.save."},
        {"49 name that is no UTF-8", named("m/\xC3\x28"),
         "has an entry whose name \"m/?(\" holds characters that are no text, such as line breaks."},
    };
}

class HostileFiles : public testing::Test {
protected:
    fs::path write(const std::string& content, const std::string& name = "model.pt") const {
        std::ofstream(m_folder.path() / name, std::ios::binary) << content;
        return m_folder.path() / name;
    }
    base::TemporaryFolder m_folder;
};

TEST_F(HostileFiles, AreRefusedWithTheirSentence) {
    for (const HostileFile& hostile : hostileFiles()) {
        const auto start = std::chrono::steady_clock::now();
        const auto opened = openModel(write(hostile.content));
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
        EXPECT_LE(time.count(), 2) << hostile.name;
        if (opened) {
            ADD_FAILURE() << hostile.name << " was opened";
            continue;
        }
        EXPECT_EQ(opened.error().code, base::ErrorCode::Rejected) << hostile.name;
        EXPECT_EQ(opened.error().message, "\"model.pt\" " + hostile.sentence) << hostile.name;
    }
}

TEST_F(HostileFiles, WhatTheyAreMadeFromIsOpened) {
    const auto opened = openModel(write(torchScriptBytes()));
    EXPECT_TRUE(opened) << opened.error().text();
    const auto weights = openModel(write(withPickle(tensorPickle(4, "K\2K\2", "K\2K\1"))));
    ASSERT_FALSE(weights);
    EXPECT_EQ(weights.error().message.text().find("holds a pickle"), std::string::npos) << weights.error().message;
}

TEST_F(HostileFiles, TruncatedAtEvery64BytesIsCutOff) {
    const std::string whole = base::readFile(fs::path(LATHE_SOURCE_DIR) / "tests/data/torchscript/lenet_scripted.pt").value();
    for (std::size_t size = 64; size < whole.size(); size += 64) {
        const auto opened = openModel(write(whole.substr(0, size)));
        ASSERT_FALSE(opened) << size;
        EXPECT_EQ(opened.error().message, "\"model.pt\" is cut off: the end of the archive is missing.") << size;
    }
}

/// 46, 47, 50: whoever shows a sentence shows plain text; here the name stays as it is.
TEST_F(HostileFiles, NamesOfFilesStayAsTheyAre) {
    for (const std::string name : {"<img src=x>.pt", "<b>\\N\".pt", "=HYPERLINK(A1).pt"})
        EXPECT_EQ(openModel(write("", name)).error().message, "\"" + name + "\" is empty.");
}

/// 48: a name of 10 MB is cut when the model is opened, so that nothing behind it ever holds it.
TEST_F(HostileFiles, ANameOf10MegabytesIsCut) {
    using onnx::Message;
    const std::string name(10'000'000, 'A');
    const auto tensor = [](const char* text) {
        const Message shape = Message().message(1, Message().number(1, 4));
        return Message().text(1, text).message(2, Message().message(1, Message().number(1, 1).message(2, shape)));
    };
    const Message node = Message().text(1, "x").text(2, "y").text(3, name).text(4, "Relu");
    const Message graph = Message().message(1, node).text(2, "graph").message(11, tensor("x")).message(12, tensor("y"));
    const auto opened =
        openModel(write(Message().number(1, 10).message(8, Message().number(2, 17)).message(7, graph).bytes(), "model.onnx"));
    ASSERT_TRUE(opened) << opened.error().text();
    ASSERT_EQ(opened->graph.main.nodes.size(), 1U);
    EXPECT_LE(opened->graph.main.nodes[0].name.size(), longestName);
    ASSERT_EQ(opened->report.notes.size(), 1U);
    EXPECT_NE(opened->report.notes[0].text().find("more than 1000 bytes"), std::string::npos) << opened->report.notes[0];
}

} // namespace
} // namespace lathe::formats
