#include <core/formats/zip_directory.h>

#include <cstring>
#include <string>

#include <gtest/gtest.h>

namespace lathe::formats {
namespace {

/// Little-endian numbers one after the other.
class Writer {
public:
    template<class T>
    Writer& add(T value) {
        bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
        return *this;
    }
    Writer& text(const std::string& value) {
        bytes += value;
        return *this;
    }
    Writer& zeros(std::size_t count) {
        bytes.append(count, '\0');
        return *this;
    }
    std::string bytes;
};

enum class Form { Ordinary, Zip64 };

/// Two stored entries, "a" and "bb", with contents "first" and "second".
std::string makeZip(Form form) {
    Writer zip;
    const std::string names[] = {"a", "bb"}, contents[] = {"first", "second"};
    std::uint32_t locals[2];
    for (int i = 0; i < 2; ++i) {
        locals[i] = static_cast<std::uint32_t>(zip.bytes.size());
        zip.add(std::uint32_t{0x04034b50}).zeros(14).add(static_cast<std::uint32_t>(contents[i].size()));
        zip.add(static_cast<std::uint32_t>(contents[i].size())).add(static_cast<std::uint16_t>(names[i].size()));
        zip.add(std::uint16_t{3}).text(names[i]).text("xyz").text(contents[i]);
    }
    const auto directory = static_cast<std::uint32_t>(zip.bytes.size());
    for (int i = 0; i < 2; ++i) {
        const bool is64 = form == Form::Zip64;
        zip.add(std::uint32_t{0x02014b50}).zeros(16).add(std::uint32_t{5});
        zip.add(is64 ? 0xffffffffU : 5U).add(static_cast<std::uint16_t>(names[i].size()));
        zip.add(static_cast<std::uint16_t>(is64 ? 20 : 0)).zeros(10).add(is64 ? 0xffffffffU : locals[i]).text(names[i]);
        if (is64) zip.add(std::uint16_t{1}).add(std::uint16_t{16}).add(std::uint64_t{5}).add(std::uint64_t{locals[i]});
    }
    if (form == Form::Zip64) {
        const auto end64 = static_cast<std::uint64_t>(zip.bytes.size());
        zip.add(std::uint32_t{0x06064b50}).zeros(20).add(std::uint64_t{2}).add(std::uint64_t{2}).zeros(8).add(std::uint64_t{directory});
        zip.add(std::uint32_t{0x07064b50}).zeros(4).add(end64).zeros(4);
    }
    zip.add(std::uint32_t{0x06054b50}).zeros(4).add(std::uint16_t{2}).add(std::uint16_t{2}).zeros(4);
    zip.add(form == Form::Zip64 ? 0xffffffffU : directory).add(std::uint16_t{4}).text("note");
    return zip.bytes;
}

std::optional<std::vector<std::uint64_t>> offsetsOf(const std::string& zip) { return entryOffsets(std::as_bytes(std::span(zip))); }

TEST(ZipDirectory, FindsTheBytesOfEachEntry) {
    for (const Form form : {Form::Ordinary, Form::Zip64}) {
        const std::string zip = makeZip(form);
        const auto offsets = offsetsOf(zip);
        ASSERT_TRUE(offsets);
        ASSERT_EQ(offsets->size(), 2U);
        EXPECT_EQ(zip.substr((*offsets)[0], 5), "first");
        EXPECT_EQ(zip.substr((*offsets)[1], 6), "second");
    }
}

TEST(ZipDirectory, ADamagedFileNeverLeadsOutsideIt) {
    for (const Form form : {Form::Ordinary, Form::Zip64}) {
        const std::string whole = makeZip(form);
        int found = 0;
        for (std::size_t at = 0; at < whole.size(); ++at) {
            for (const char value : {'\0', '\x7f', '\xff'}) {
                std::string zip = whole;
                zip[at] = value;
                const auto offsets = offsetsOf(zip);
                if (!offsets) continue;
                ++found;
                for (const std::uint64_t offset : *offsets)
                    EXPECT_LE(offset, zip.size());
            }
            EXPECT_FALSE(offsetsOf(whole.substr(0, at))) << at;
        }
        EXPECT_GT(found, 0);
    }
}

} // namespace
} // namespace lathe::formats
