#include <core/base/sandbox.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iterator>
#include <memory>

#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace lathe::base {

namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> systemFailure(const std::string& what) {
    return failure(ErrorCode::Failed, what + ": " + std::strerror(errno) + ".");
}

// Landlock. glibc has no wrappers, and Debian 12's header stops at version 2 of the interface, so later rights are named here.

constexpr std::uint64_t rightTruncate = std::uint64_t{1} << 14; ///< version 3
constexpr std::uint64_t rightDevice = std::uint64_t{1} << 15;   ///< version 5: ioctl on devices

/// struct landlock_ruleset_attr as of version 6; older kernels want the fields they do not know to be zero.
struct Ruleset {
    std::uint64_t files;
    std::uint64_t network;
    std::uint64_t scopes;
};

constexpr std::uint64_t readRights = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
/// The rights that mean something for a file; the kernel refuses a rule for a file with others.
constexpr std::uint64_t fileRights =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | rightTruncate | rightDevice;

/// Version of the kernel's Landlock; 0: there is none.
int landlockVersion() {
    const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return version > 0 ? static_cast<int>(version) : 0;
}

Ruleset everything(int version) {
    // One bit was added at a time: 13 rights in version 1, reparenting in 2, truncation in 3, devices in 5; TCP in 4; signals and abstract
    // sockets in 6.
    const int rights = version >= 5 ? 16 : version >= 3 ? 15 : version >= 2 ? 14 : 13;
    return {(std::uint64_t{1} << rights) - 1, version >= 4 ? std::uint64_t{3} : 0, version >= 6 ? std::uint64_t{3} : 0};
}

Result<> allow(int ruleset, const fs::path& path, std::uint64_t rights) {
    const int descriptor = ::open(path.c_str(), O_PATH | O_CLOEXEC);
    if (descriptor < 0) return {}; // what is not there needs no rule
    struct stat status {};
    ::fstat(descriptor, &status);
    landlock_path_beneath_attr rule{};
    rule.allowed_access = S_ISDIR(status.st_mode) ? rights : rights & fileRights;
    rule.parent_fd = descriptor;
    const long added = ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    const int problem = errno;
    ::close(descriptor);
    errno = problem;
    if (added != 0) return systemFailure("The sandbox cannot allow \"" + path.string() + "\"");
    return {};
}

Result<> restrictFiles(const SandboxRules& rules, int version) {
    const Ruleset handled = everything(version);
    const int ruleset = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0));
    if (ruleset < 0) return systemFailure("The sandbox cannot be made");
    Result<> result;
    // What glibc, OpenMP and ATen look at: libraries, locale, and how many cores there are.
    for (const char* path : {"/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/sys",
                             "/sys/devices/system", "/dev/null", "/dev/zero", "/dev/urandom"}) {
        if (result) result = allow(ruleset, path, readRights);
    }
    for (const fs::path& path : rules.readable) {
        if (result) result = allow(ruleset, path, readRights);
    }
    for (const fs::path& path : rules.writable) {
        if (result) result = allow(ruleset, path, handled.files & ~std::uint64_t{LANDLOCK_ACCESS_FS_EXECUTE});
    }
    if (result && ::syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) result = systemFailure("The sandbox cannot be entered");
    ::close(ruleset);
    return result;
}

// seccomp

/// Calls that end in "not permitted": ways to other programs, other processes and the network, and parts of the kernel that a computation
/// never needs and that were ways out of sandboxes before.
constexpr std::array forbiddenCalls{
    SCMP_SYS(socket),
    SCMP_SYS(socketpair),
    SCMP_SYS(connect),
    SCMP_SYS(bind),
    SCMP_SYS(listen),
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
    SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(kcmp),
    SCMP_SYS(pidfd_open),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(pidfd_send_signal),
    SCMP_SYS(tkill),
    SCMP_SYS(rt_sigqueueinfo),
    SCMP_SYS(rt_tgsigqueueinfo),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(move_mount),
    SCMP_SYS(open_tree),
    SCMP_SYS(fsopen),
    SCMP_SYS(name_to_handle_at),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(reboot),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(acct),
    SCMP_SYS(quotactl),
    SCMP_SYS(syslog),
    SCMP_SYS(personality),
    SCMP_SYS(mq_open),
    SCMP_SYS(shmget),
    SCMP_SYS(shmat),
    SCMP_SYS(msgget),
    SCMP_SYS(semget),
    SCMP_SYS(modify_ldt),
    SCMP_SYS(iopl),
    SCMP_SYS(ioperm),
};

using Filter = std::unique_ptr<void, void (*)(scmp_filter_ctx)>;

/// False when this kernel filters no calls.
bool restrictCalls() {
    const Filter filter(::seccomp_init(SCMP_ACT_ALLOW), ::seccomp_release);
    if (!filter) return false;
    const std::uint32_t denied = SCMP_ACT_ERRNO(EPERM);
    int problem = 0;
    for (const int call : forbiddenCalls)
        problem |= ::seccomp_rule_add(filter.get(), denied, call, 0);
    // Threads may be started, processes not. clone3 hides its flags in memory; without it glibc takes clone.
    problem |= ::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    problem |= ::seccomp_rule_add(filter.get(), denied, SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
    // abort() and pthreads signal their own process.
    const auto self = static_cast<scmp_datum_t>(::getpid());
    problem |= ::seccomp_rule_add(filter.get(), denied, SCMP_SYS(kill), 1, SCMP_A0(SCMP_CMP_NE, self));
    problem |= ::seccomp_rule_add(filter.get(), denied, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_NE, self));
    // Typing into the terminal that the program was started from.
    problem |= ::seccomp_rule_add(filter.get(), denied, SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, TIOCSTI));
    return problem == 0 && ::seccomp_load(filter.get()) == 0;
}

constexpr std::array networkFamilies{AF_INET, AF_INET6, AF_PACKET};

Result<> limit(__rlimit_resource resource, rlim_t value) {
    const rlimit wanted{value, value};
    if (::setrlimit(resource, &wanted) != 0) return systemFailure("The sandbox cannot set a limit");
    return {};
}

Result<> limitResources(const SandboxRules& rules) {
    Result<> result = limit(RLIMIT_CORE, 0);
#ifndef __SANITIZE_ADDRESS__ // AddressSanitizer maps terabytes
    if (result && rules.memoryBytes > 0) result = limit(RLIMIT_AS, rules.memoryBytes);
#endif
    if (result && rules.memoryBytes > 0) result = limit(RLIMIT_FSIZE, rules.memoryBytes);
    if (result && rules.cpuSeconds > 0) result = limit(RLIMIT_CPU, rules.cpuSeconds);
    return result;
}

std::ptrdiff_t threadCount() {
    std::error_code error;
    const fs::directory_iterator threads("/proc/self/task", error);
    return std::distance(fs::begin(threads), fs::end(threads));
}

} // namespace

const char* name(Isolation isolation) { return isolation == Isolation::Full ? "full" : "reduced"; }

bool denyNetwork() {
    const Filter filter(::seccomp_init(SCMP_ACT_ALLOW), ::seccomp_release);
    if (!filter || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
    int problem = ::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), SCMP_SYS(io_uring_setup), 0); // another way to sockets
    for (const int family : networkFamilies) {
        problem |= ::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1,
                                      SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(family)));
    }
    return problem == 0 && ::seccomp_load(filter.get()) == 0;
}

Isolation availableIsolation() {
    const bool canFilter = ::prctl(PR_GET_SECCOMP) >= 0;
    return landlockVersion() > 0 && canFilter ? Isolation::Full : Isolation::Reduced;
}

Result<Isolation> enterSandbox(const SandboxRules& rules) {
    // Landlock binds the calling thread and those it starts later.
    if (threadCount() > 1) return failure(ErrorCode::Failed, "The sandbox can only be entered while there is one thread.");
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close_range(4, ~0U, 0);
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return systemFailure("The sandbox cannot give up privileges");
    const int version = landlockVersion();
    if (version > 0) {
        if (const auto files = restrictFiles(rules, version); !files) return forward(files);
    }
    if (const auto resources = limitResources(rules); !resources) return forward(resources);
    const bool isFiltered = restrictCalls(); // last: nothing above may be missing one of the calls
    return version > 0 && isFiltered ? Isolation::Full : Isolation::Reduced;
}

} // namespace lathe::base
