#include <core/runtime/bounded_spinning.h>

#include <array>
#include <cstdlib>
#include <cstring>

#include <limits.h>
#include <unistd.h>

namespace lathe::runtime {

namespace {

/// 1 000 makes a LeNet-5 call 2.7 times slower with two threads, 10 000 is as fast as no bound.
constexpr const char* bound = "GOMP_SPINCOUNT=10000";
constexpr std::size_t nameLength = 15; // with the "="

} // namespace

std::string spinBound() {
    const char* value = std::getenv("GOMP_SPINCOUNT");
    return value != nullptr ? value : "";
}

} // namespace lathe::runtime

/// Called by the loader before libgomp and all other libraries are initialized: only system calls and plain memory may be used, and the
/// environment is the list that is handed over. When the program cannot be started again it goes on unbounded.
extern "C" void lathe_boundSpinning(int /*argumentCount*/, char** arguments, char** environment) {
    constexpr std::size_t mostVariables = 4096;
    std::array<char*, mostVariables + 2> bounded{};
    std::size_t count = 0;
    for (char** variable = environment; *variable != nullptr; ++variable) {
        if (std::strncmp(*variable, lathe::runtime::bound, lathe::runtime::nameLength) == 0 || count == mostVariables) return;
        bounded[count++] = *variable;
    }
    bounded[count] = const_cast<char*>(lathe::runtime::bound); // execve does not write to it
    // By its path and not as /proc/self/exe, which would be the name that ps shows.
    std::array<char, PATH_MAX> program{};
    if (readlink("/proc/self/exe", program.data(), program.size() - 1) <= 0) return;
    execve(program.data(), arguments, bounded.data());
}

namespace {

[[gnu::section(".preinit_array"), gnu::used]] void (*const boundSpinningAtStart)(int, char**, char**) = lathe_boundSpinning;

} // namespace
