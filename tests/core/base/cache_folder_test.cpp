#include <core/base/cache_folder.h>

#include <cstdlib>
#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace lathe::base {
namespace {

/// An environment variable that is as it was afterwards.
class Variable {
public:
    Variable(const char* name, const char* value) : m_name(name) {
        if (const char* before = std::getenv(name)) m_before = before;
        value != nullptr ? setenv(name, value, 1) : unsetenv(name);
    }
    ~Variable() { m_before ? setenv(m_name, m_before->c_str(), 1) : unsetenv(m_name); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    const char* m_name;
    std::optional<std::string> m_before;
};

TEST(CacheFolder, WhereTheUserKeepsCaches) {
    const Variable home("HOME", "/home/ada"), cache("XDG_CACHE_HOME", "/var/tmp/caches");
    EXPECT_EQ(cacheFolder("stages"), "/var/tmp/caches/lathe/stages");
}

TEST(CacheFolder, BelowTheHomeWhereNothingIsSaid) {
    const Variable home("HOME", "/home/ada");
    for (const char* value : {static_cast<const char*>(nullptr), "relative"}) {
        const Variable cache("XDG_CACHE_HOME", value);
        EXPECT_EQ(cacheFolder("kernels"), "/home/ada/.cache/lathe/kernels");
    }
}

TEST(CacheFolder, NoneWithoutAHome) {
    const Variable home("HOME", nullptr), cache("XDG_CACHE_HOME", nullptr);
    EXPECT_TRUE(cacheFolder("stages").empty());
}

} // namespace
} // namespace lathe::base
