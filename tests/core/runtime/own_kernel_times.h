#pragma once

#include <cstdlib>
#include <string>

#include <core/base/files.h>

namespace lathe::runtime::testing {

/// While it lives kernels are timed, and the times remembered in a folder of its own; otherwise tests turn them off.
class OwnKernelTimes {
public:
    OwnKernelTimes() {
        if (const char* before = std::getenv("XDG_CACHE_HOME")) m_before = before;
        setenv("XDG_CACHE_HOME", m_folder.path().c_str(), 1);
        unsetenv("LATHE_KERNELS");
    }
    OwnKernelTimes(const OwnKernelTimes&) = delete;
    OwnKernelTimes& operator=(const OwnKernelTimes&) = delete;
    ~OwnKernelTimes() {
        setenv("LATHE_KERNELS", "off", 1);
        m_before.empty() ? unsetenv("XDG_CACHE_HOME") : setenv("XDG_CACHE_HOME", m_before.c_str(), 1);
    }

    /// All that was measured by now, as it stands in files.
    [[nodiscard]] std::string remembered() const {
        std::string text;
        for (const auto& file : std::filesystem::recursive_directory_iterator(m_folder.path()))
            if (file.is_regular_file()) text += base::readFile(file.path(), 1 << 20).value_or("");
        return text;
    }

private:
    base::TemporaryFolder m_folder;
    std::string m_before;
};

} // namespace lathe::runtime::testing
