#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace lathe::runtime {

/// What each kernel took for layers of one form, in microseconds, by the kernel's id.
using KernelTimes = std::map<std::string, double, std::less<>>;

/// Times of kernels on one machine, remembered in a file, so that a layer of the same form gets the same kernel again. Any process may use
/// the file at the same time, and it may be removed at any time.
class KernelChoices {
public:
    /// Where times come from and go to.
    struct Source {
        std::filesystem::path file; ///< empty: nothing is known
        std::string machine;        ///< what they were measured on; a file of another machine is not read. Empty: of whichever
        bool measures = false;      ///< what is missing is measured and kept
        std::string kernels = {};   ///< fingerprint of their sources: times of others are not read. Empty: of whichever
    };
    explicit KernelChoices(Source source);

    /// As the environment variable LATHE_KERNELS says: "off", nothing is known or measured; a file, its times count and nothing is
    /// measured; not set, a file for this machine and number of threads in the user's cache. It begins anew when a kernel has changed.
    [[nodiscard]] static Source usualSource(int threads);

    [[nodiscard]] bool measures() const { return m_source.measures; }
    /// nullptr: never measured. Valid until the next set().
    [[nodiscard]] const KernelTimes* find(const std::string& form);
    void set(const std::string& form, KernelTimes times);
    /// Writes what was set into the file, beside what others have written there. What cannot be written is a line in the log.
    void save();

private:
    using Forms = std::map<std::string, KernelTimes, std::less<>>;
    [[nodiscard]] Forms read() const;

    Source m_source;
    std::optional<Forms> m_known; ///< what the file holds, read when first asked
    Forms m_new;                  ///< not in the file yet
};

} // namespace lathe::runtime
