#include <core/base/child_process.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace lathe::base {

namespace {

constexpr std::size_t maxOutputBytes = std::size_t{256} << 20;
constexpr int pollMs = 20; ///< how late `stop` may be noticed

class FileDescriptor {
public:
    explicit FileDescriptor(int number = -1) : m_number(number) {}
    ~FileDescriptor() { close(); }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    [[nodiscard]] int number() const { return m_number; }
    void close() {
        if (m_number >= 0) ::close(m_number);
        m_number = -1;
    }

private:
    int m_number;
};

/// A started process that never outlives this object.
class Child {
public:
    explicit Child(pid_t pid) : m_pid(pid) {}
    ~Child() {
        if (m_pid <= 0) return;
        ::kill(m_pid, SIGKILL);
        wait();
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    /// The status as waitpid gives it.
    int wait() {
        int status = 0;
        while (::waitpid(m_pid, &status, 0) < 0 && errno == EINTR) {
        }
        m_pid = -1;
        return status;
    }

private:
    pid_t m_pid;
};

Error systemError(const std::string& what) { return {ErrorCode::Failed, what + ": " + std::strerror(errno) + ".", {}}; }

bool writeAll(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::lseek(file, 0, SEEK_SET) == 0;
}

/// Ours, but with numbers written in the C locale.
std::vector<char*> environmentWithCLocale() {
    static char locale[] = "LC_ALL=C";
    std::vector<char*> environment;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        if (!std::string_view(*entry).starts_with("LC_ALL=")) environment.push_back(*entry);
    }
    environment.push_back(locale);
    environment.push_back(nullptr);
    return environment;
}

Result<pid_t> spawn(const std::vector<std::string>& arguments, int input, int output, int errors, int extra) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
    if (extra >= 0) posix_spawn_file_actions_adddup2(&actions, extra, STDERR_FILENO + 1);
    std::vector<std::string> owned = arguments;
    std::vector<char*> argv;
    for (std::string& argument : owned)
        argv.push_back(argument.data());
    argv.push_back(nullptr);
    const std::vector<char*> environment = environmentWithCLocale();
    pid_t pid = -1;
    const int problem = ::posix_spawnp(&pid, argv.front(), &actions, nullptr, argv.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    if (problem == ENOENT || problem == EACCES || problem == ENOTDIR) {
        return failure(ErrorCode::NotFound, {"program.isNotInstalled", {{"program", arguments.front()}}});
    }
    if (problem != 0) {
        errno = problem;
        return tl::unexpected(systemError("\"" + arguments.front() + "\" cannot be started"));
    }
    return pid;
}

std::string firstLine(int file) {
    std::array<char, 300> buffer{};
    const ssize_t size = ::pread(file, buffer.data(), buffer.size(), 0);
    const std::string_view text(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    return std::string(text.substr(0, text.find('\n')));
}

Result<std::string> readUntilEnd(int file, const ChildProcessOptions& options) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::duration<double>(options.limitSeconds);
    const std::string program = "\"" + options.arguments.front() + "\"";
    std::string output;
    std::vector<char> buffer(std::size_t{1} << 16);
    for (;;) {
        if (options.stop.stop_requested()) return failure(ErrorCode::Cancelled, {"error.cancelled", {}});
        if (Clock::now() > end) {
            return failure(
                ErrorCode::Failed,
                {"program.tookTooLong", {{"program", options.arguments.front()}, {"seconds", static_cast<long>(options.limitSeconds)}}});
        }
        pollfd wanted{file, POLLIN, 0};
        if (::poll(&wanted, 1, pollMs) <= 0) continue;
        const ssize_t size = ::read(file, buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return tl::unexpected(systemError("The answer of " + program + " cannot be read"));
        if (size == 0) return output;
        output.append(buffer.data(), static_cast<std::size_t>(size));
        if (output.size() > maxOutputBytes)
            return failure(ErrorCode::Failed, {"program.writesTooMuch", {{"program", options.arguments.front()}}});
    }
}

} // namespace

Result<ChildProcessResult> runChildProcess(const ChildProcessOptions& options) {
    // Files in memory for what goes in and for messages: only one end of one pipe can block, and a child that dies cannot raise SIGPIPE
    // here.
    const FileDescriptor input(::memfd_create("input", MFD_CLOEXEC));
    const FileDescriptor errors(::memfd_create("messages", MFD_CLOEXEC));
    if (input.number() < 0 || errors.number() < 0 || !writeAll(input.number(), options.input))
        return tl::unexpected(systemError("No memory file"));
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return tl::unexpected(systemError("No pipe"));
    const FileDescriptor readEnd(ends[0]);
    FileDescriptor writeEnd(ends[1]);

    const Result<pid_t> pid = spawn(options.arguments, input.number(), writeEnd.number(), errors.number(), options.extraDescriptor);
    if (!pid) return forward(pid);
    Child child(*pid);
    writeEnd.close();
    Result<std::string> output = readUntilEnd(readEnd.number(), options);
    if (!output) return forward(output);
    const int status = child.wait();
    ChildProcessResult result;
    result.output = std::move(*output);
    result.firstMessage = firstLine(errors.number());
    if (WIFSIGNALED(status)) {
        result.signal = WTERMSIG(status);
    } else {
        result.exitCode = WEXITSTATUS(status);
    }
    return result;
}

} // namespace lathe::base
