#include <core/runtime/kernels/kernel_choices.h>

#include <cstdlib>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/base/json.h>

namespace lathe::runtime {
namespace {

class KernelChoicesFile : public ::testing::Test {
protected:
    base::TemporaryFolder m_folder;
    const std::filesystem::path m_file = m_folder.path() / "new folder" / "cpu.json";

    KernelChoices::Source source(const std::string& machine = "a CPU, 2 threads") const { return {m_file, machine, true}; }
    void write(const std::string& text) {
        std::filesystem::create_directories(m_file.parent_path());
        ASSERT_TRUE(base::writeFile(m_file, text));
    }
};

TEST_F(KernelChoicesFile, WhatWasMeasuredIsKnownToTheNext) {
    KernelChoices first(source());
    EXPECT_TRUE(first.measures());
    EXPECT_EQ(first.find("conv"), nullptr);
    first.set("conv", {{"aten.operator", 120.5}, {"onednn.convolution", 60}});
    ASSERT_NE(first.find("conv"), nullptr);
    first.save();

    KernelChoices second(source());
    ASSERT_NE(second.find("conv"), nullptr);
    EXPECT_EQ(*second.find("conv"), (KernelTimes{{"aten.operator", 120.5}, {"onednn.convolution", 60}}));
}

TEST_F(KernelChoicesFile, NobodyLosesWhatAnotherWrote) {
    KernelChoices one(source()), other(source());
    one.set("conv", {{"aten.operator", 1}});
    other.set("linear", {{"aten.operator", 2}});
    one.save();
    other.save();
    KernelChoices both(source());
    EXPECT_NE(both.find("conv"), nullptr);
    EXPECT_NE(both.find("linear"), nullptr);
}

TEST_F(KernelChoicesFile, ADamagedFileIsAsIfItWereNotThere) {
    for (const char* text : {"", "{", "[]", "{}", R"({"lathe_kernels": 2, "layers": {}})", R"({"lathe_kernels": 1, "layers": 3})",
                             R"({"lathe_kernels": "1", "machine": "a CPU, 2 threads", "layers": {}})"}) {
        write(text);
        ::testing::internal::CaptureStderr();
        KernelChoices choices(source());
        EXPECT_EQ(choices.find("conv"), nullptr);
        EXPECT_NE(::testing::internal::GetCapturedStderr().find("are not used"), std::string::npos) << text;
    }
    KernelChoices choices(source());
    choices.set("conv", {{"aten.operator", 1}});
    choices.save();
    EXPECT_NE(KernelChoices(source()).find("conv"), nullptr) << "it is replaced by a whole one";
}

TEST_F(KernelChoicesFile, TimesThatAreNoneAreLeftOut) {
    write(R"({"lathe_kernels": 1, "machine": "a CPU, 2 threads",
              "layers": {"conv": {"a.a": "fast", "b.b": -3, "c.c": 5}, "linear": 7}})");
    KernelChoices choices(source());
    ASSERT_NE(choices.find("conv"), nullptr);
    EXPECT_EQ(*choices.find("conv"), (KernelTimes{{"c.c", 5}}));
    EXPECT_EQ(choices.find("linear"), nullptr);
}

TEST_F(KernelChoicesFile, TimesOfOtherKernelsAreMeasuredAnew) {
    KernelChoices::Source old = source(), now = source();
    old.kernels = "of last week";
    now.kernels = "of today";
    KernelChoices then(old);
    then.set("conv", {{"aten.operator", 1}});
    then.set("linear", {{"aten.operator", 1}});
    then.save();
    KernelChoices today(now);
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(today.find("conv"), nullptr);
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "") << "an update is no mistake";
    today.set("conv", {{"aten.operator", 2}});
    today.save();
    KernelChoices again(now);
    ASSERT_NE(again.find("conv"), nullptr);
    EXPECT_EQ(*again.find("conv"), (KernelTimes{{"aten.operator", 2}}));
    EXPECT_EQ(again.find("linear"), nullptr) << "nothing of the old times is left";
    unsetenv("LATHE_KERNELS");
    EXPECT_FALSE(KernelChoices::usualSource(2).kernels.empty());
    setenv("LATHE_KERNELS", "off", 1);
}

TEST_F(KernelChoicesFile, TimesOfAnotherMachineCountOnlyWhenTheFileIsNamed) {
    KernelChoices there(source("another CPU, 64 threads"));
    there.set("conv", {{"aten.operator", 1}});
    there.save();
    EXPECT_EQ(KernelChoices(source()).find("conv"), nullptr);

    setenv("LATHE_KERNELS", m_file.c_str(), 1);
    const KernelChoices::Source named = KernelChoices::usualSource(2);
    setenv("LATHE_KERNELS", "off", 1);
    EXPECT_FALSE(named.measures);
    KernelChoices choices(named);
    EXPECT_NE(choices.find("conv"), nullptr);
    choices.set("linear", {{"aten.operator", 1}});
    choices.save();
    EXPECT_EQ(KernelChoices(named).find("linear"), nullptr) << "a file that is named is only read";
}

TEST_F(KernelChoicesFile, WhereTheyAreKept) {
    setenv("LATHE_KERNELS", "off", 1);
    EXPECT_TRUE(KernelChoices::usualSource(2).file.empty());
    EXPECT_FALSE(KernelChoices::usualSource(2).measures);
    const char* before = std::getenv("XDG_CACHE_HOME");
    const std::string cache = before != nullptr ? before : "";
    setenv("XDG_CACHE_HOME", m_folder.path().c_str(), 1);
    unsetenv("LATHE_KERNELS");
    const KernelChoices::Source two = KernelChoices::usualSource(2), four = KernelChoices::usualSource(4);
    setenv("LATHE_KERNELS", "off", 1);
    before != nullptr ? setenv("XDG_CACHE_HOME", cache.c_str(), 1) : unsetenv("XDG_CACHE_HOME");
    EXPECT_EQ(two.file.parent_path(), m_folder.path() / "lathe" / "kernels");
    EXPECT_EQ(two.file.extension(), ".json");
    EXPECT_NE(two.file, four.file);
    EXPECT_TRUE(two.measures);
}

} // namespace
} // namespace lathe::runtime
