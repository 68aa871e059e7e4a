#include <app/cli/interrupt.h>

#include <csignal>
#include <thread>

#include <unistd.h>

namespace lathe::cli {

std::stop_token stopOnInterrupt() {
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGINT);
    ::sigaddset(&signals, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    // A thread that waits, since a signal handler may not touch a stop_source. It lives as long as the program.
    static std::stop_source source;
    std::thread([signals] {
        int number = 0;
        ::sigwait(&signals, &number);
        source.request_stop();
        ::sigwait(&signals, &number);
        ::_exit(130);
    }).detach();
    return source.get_token();
}

} // namespace lathe::cli
