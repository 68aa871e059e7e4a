#include <core/base/model_formats.h>

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace lathe::base {
namespace {

TEST(ModelFormats, EveryRowIsComplete) {
    ASSERT_FALSE(modelFormats().empty());
    std::set<std::string_view> ids, endings;
    std::set<std::string> keys; // of the menu: two entries with one key cannot both be reached
    for (const ModelFormat& format : modelFormats()) {
        EXPECT_TRUE(ids.insert(format.id).second) << format.id;
        EXPECT_EQ(findModelFormat(format.id), &format);
        ASSERT_FALSE(format.endings.empty()) << format.id;
        for (const std::string_view ending : format.endings) {
            EXPECT_TRUE(ending.starts_with('.') && ending.size() > 1) << format.id << " " << ending;
            EXPECT_TRUE(endings.insert(ending).second) << ending << " stands for two formats";
        }
        for (const char* words : {format.name, format.menu, format.title, format.purpose})
            EXPECT_FALSE(std::string(words).empty()) << format.id;
        const std::string menu = format.menu;
        const auto key = menu.find('&');
        ASSERT_TRUE(key != std::string::npos && key + 1 < menu.size()) << menu;
        EXPECT_TRUE(keys.insert(menu.substr(key + 1, 1)).second) << menu;
        EXPECT_TRUE(std::string(format.purpose).ends_with(".")) << format.purpose;
    }
    EXPECT_EQ(findModelFormat("caffe"), nullptr);
}

} // namespace
} // namespace lathe::base
