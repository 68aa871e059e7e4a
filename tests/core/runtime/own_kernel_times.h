#pragma once

#include <cstdlib>

#include <gtest/gtest.h>

#include <core/base/files.h>

namespace lathe::runtime::testing {

/// Kernels are timed, and the times remembered in a folder of the test's own.
class OwnKernelTimes : public ::testing::Test {
protected:
    void SetUp() override {
        setenv("XDG_CACHE_HOME", m_folder.path().c_str(), 1);
        unsetenv("LATHE_KERNELS");
    }
    void TearDown() override {
        unsetenv("XDG_CACHE_HOME");
        setenv("LATHE_KERNELS", "off", 1);
    }
    [[nodiscard]] const std::filesystem::path& folder() const { return m_folder.path(); }

private:
    base::TemporaryFolder m_folder;
};

} // namespace lathe::runtime::testing
