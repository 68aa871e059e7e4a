#pragma once

#include <csignal>
#include <thread>
#include <vector>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lathe::test {

/// Other programs at work: processes that keep `count` cores busy until this object goes, for at most a minute and never longer than the
/// test. Made before a test starts threads.
class BusyCores {
public:
    explicit BusyCores(unsigned count = std::thread::hardware_concurrency()) {
        for (unsigned core = 0; core < count; ++core) {
            const pid_t process = fork();
            if (process == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                alarm(60);
                const volatile bool isAtWork = true;
                while (isAtWork) {
                }
            }
            if (process > 0) m_processes.push_back(process);
        }
    }
    ~BusyCores() {
        for (const pid_t process : m_processes) {
            kill(process, SIGKILL);
            waitpid(process, nullptr, 0);
        }
    }
    BusyCores(const BusyCores&) = delete;
    BusyCores& operator=(const BusyCores&) = delete;
    [[nodiscard]] std::size_t count() const { return m_processes.size(); }

private:
    std::vector<pid_t> m_processes;
};

} // namespace lathe::test
