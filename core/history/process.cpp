#include <core/history/process.h>

#include <array>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

#include <unistd.h>

namespace lathe::history {
namespace {

struct ProcessState {
    char code = ' ';
    std::int64_t startTicks = 0;
};

/// Fields 3 and 22 of /proc/<pid>/stat (man 5 proc). The second field, the program's name, may hold spaces and brackets.
std::optional<ProcessState> processState(std::int64_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    const std::string line{std::istreambuf_iterator<char>(file), {}};
    const std::size_t nameEnd = line.rfind(')');
    if (nameEnd == std::string::npos) return std::nullopt;
    std::istringstream fields(line.substr(nameEnd + 1));
    ProcessState state;
    fields >> state.code;
    std::string skipped;
    for (int field = 4; field < 22; ++field)
        fields >> skipped;
    if (!(fields >> state.startTicks)) return std::nullopt;
    return state;
}

std::string hostName() {
    std::array<char, 256> buffer{};
    if (gethostname(buffer.data(), buffer.size() - 1) != 0) return {};
    return buffer.data();
}

std::string bootId() {
    std::string id;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
    return id;
}

} // namespace

ProcessIdentity thisProcess() {
    const std::int64_t process = getpid();
    const auto state = processState(process);
    return {hostName(), bootId(), process, state ? state->startTicks : 0};
}

bool hasEnded(const ProcessIdentity& identity) {
    if (identity.host != hostName()) return false;
    if (identity.bootId != bootId()) return true;
    const auto state = processState(identity.process);
    return !state || state->startTicks != identity.startTicks || state->code == 'Z' || state->code == 'X';
}

} // namespace lathe::history
