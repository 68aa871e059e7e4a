#include <core/engine/server.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include <unistd.h>

#include <core/base/log.h>
#include <core/client/message_codec.h>
#include <core/client/requests.h>
#include <core/client/rpc.h>
#include <core/client/training_methods.h>
#include <core/engine/guarded.h>
#include <core/engine/model_requests.h>

namespace lathe::engine {

namespace {

using base::Json;
using base::Result;

/// Writes whole messages; any thread.
class Output {
public:
    explicit Output(int descriptor) : m_descriptor(descriptor) {}

    void send(const std::string& json) {
        const std::string message = client::frame(json);
        std::string_view rest = message;
        const std::scoped_lock lock(m_mutex);
        while (!rest.empty() && !m_isBroken) {
            const ssize_t written = ::write(m_descriptor, rest.data(), rest.size());
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) {
                m_isBroken = true;
                return;
            }
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
    }
    [[nodiscard]] bool isBroken() {
        const std::scoped_lock lock(m_mutex);
        return m_isBroken;
    }

private:
    int m_descriptor;
    std::mutex m_mutex;
    bool m_isBroken = false;
};

void answer(Output& output, std::int64_t id, const Result<Json>& result) {
    if (result) {
        // Writing a large answer may take more memory than there is.
        std::string text;
        const Result<Json> written = guarded([&]() -> Result<Json> { return text = client::resultText(id, *result), Json(); });
        if (!written) return answer(output, id, base::forward(written));
        output.send(text);
        return;
    }
    const int code =
        result.error().code == base::ErrorCode::InvalidArgument ? client::rpc_code::invalidParameters : client::rpc_code::failed;
    output.send(client::errorText(id, {code, result.error()}));
}

/// Runs jobs one after the other; each can be cancelled by its request id, also while it waits.
class JobQueue {
public:
    using Work = std::function<Result<Json>(const base::Job&)>;

    explicit JobQueue(Output& output) : m_output(output), m_thread([this](const std::stop_token& stop) { loop(stop); }) {}

    void add(std::int64_t id, Work work) {
        const std::scoped_lock lock(m_mutex);
        m_waiting.push_back({id, std::move(work)});
        m_wake.notify_one();
    }

    /// One that runs is asked to stop; one that waits is answered at once, however long the others take.
    void cancel(std::int64_t id) {
        {
            const std::scoped_lock lock(m_mutex);
            if (m_running != nullptr && m_running->id == id) {
                m_running->stop.request_stop();
                m_wake.notify_all();
            }
            // A job that is over has nothing to cancel: its answer crossed the notification.
            const auto waiting = std::ranges::find(m_waiting, id, &Entry::id);
            if (waiting == m_waiting.end()) return;
            m_waiting.erase(waiting);
        }
        answer(m_output, id, base::Job::cancelled());
    }

    /// Asks the job that runs to end its trainings and to go on.
    void finishTraining(std::int64_t id) {
        const std::scoped_lock lock(m_mutex);
        if (m_running == nullptr || m_running->id != id) return;
        m_running->finish.request_stop();
        m_wake.notify_all();
    }

    /// Holds the trainings of the job that runs where they are, or lets them go on.
    void pauseTraining(std::int64_t id, bool isPaused) {
        const std::scoped_lock lock(m_mutex);
        if (m_running == nullptr || m_running->id != id) return;
        m_running->isPaused = isPaused;
        m_wake.notify_all();
    }

    void cancelAll() {
        const std::scoped_lock lock(m_mutex);
        if (m_running != nullptr) {
            m_running->stop.request_stop();
            m_wake.notify_all();
        }
        for (Entry& entry : m_waiting)
            entry.stop.request_stop();
    }

private:
    struct Entry {
        std::int64_t id;
        Work work;
        std::stop_source stop = {}, finish = {};
        bool isPaused = false; ///< its trainings

        [[nodiscard]] bool isHeld() const { return isPaused && !stop.stop_requested() && !finish.stop_requested(); }
    };

    void loop(const std::stop_token& stop) {
        for (;;) {
            std::unique_lock lock(m_mutex);
            if (!m_wake.wait(lock, stop, [this] { return !m_waiting.empty(); })) return;
            Entry entry = std::move(m_waiting.front());
            m_waiting.pop_front();
            m_running = &entry;
            lock.unlock();
            const base::Job job{entry.stop.get_token(), progressOf(entry), entry.finish.get_token()};
            const Result<Json> result = job.isCancelled() ? base::Job::cancelled() : guarded([&] { return entry.work(job); });
            lock.lock();
            m_running = nullptr;
            lock.unlock();
            // Last: from now on the client may use the id again.
            answer(m_output, entry.id, result);
        }
    }

    /// At most 20 notifications a second, but always the first of a phase. A training that is paused waits here, between two batches.
    std::function<void(const base::Progress&)> progressOf(const Entry& entry) {
        using Clock = std::chrono::steady_clock;
        return [this, &entry, last = Clock::time_point(), lastPhase = std::string()](const base::Progress& progress) mutable {
            constexpr auto interval = std::chrono::milliseconds(50);
            if (progress.phase == "finetune") waitWhileHeld(entry, progress);
            const auto now = Clock::now();
            if (progress.phase == lastPhase && now - last < interval) return;
            last = now;
            lastPhase = progress.phase;
            note(entry.id, progress);
        };
    }

    void waitWhileHeld(const Entry& entry, base::Progress progress) {
        std::unique_lock lock(m_mutex);
        if (!entry.isHeld()) return;
        lock.unlock();
        progress.secondsLeft.reset();
        progress.values.emplace("paused", 1);
        note(entry.id, progress);
        lock.lock();
        m_wake.wait(lock, [&] { return !entry.isHeld(); });
    }

    void note(std::int64_t id, const base::Progress& progress) {
        m_output.send(client::notificationText(client::method::progress, client::toJson(client::ProgressNote{id, progress})));
    }

    Output& m_output;
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::deque<Entry> m_waiting;
    Entry* m_running = nullptr;
    std::jthread m_thread; ///< last: it uses the members above
};

class Server {
public:
    explicit Server(int outputDescriptor) : m_output(outputDescriptor), m_jobs(m_output), m_looks(m_output) {}
    ~Server() {
        m_jobs.cancelAll();
        m_looks.cancelAll();
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    void handle(const std::string& text) {
        const auto message = client::parseMessage(text);
        if (!message) {
            m_output.send(client::errorText(std::nullopt, message.error()));
            return;
        }
        if (message->kind == client::RpcMessage::Kind::Notification) {
            if (const auto request = client::cancelRequestFromJson(message->content)) notified(message->method, request->id);
            return;
        }
        if (message->kind != client::RpcMessage::Kind::Request) return;
        const Result<Json> dispatched = guarded([&]() -> Result<Json> {
            dispatch(*message->id, message->method, message->content);
            return Json();
        });
        if (!dispatched) answer(m_output, *message->id, dispatched);
    }
    [[nodiscard]] bool isShutDown() const { return m_isShutDown; }
    [[nodiscard]] bool isOutputBroken() { return m_output.isBroken(); }

private:
    void notified(const std::string& method, std::int64_t id) {
        namespace methods = client::method;
        if (method == methods::finish) m_jobs.finishTraining(id);
        if (method == methods::pause || method == methods::resume) m_jobs.pauseTraining(id, method == methods::pause);
        if (method != methods::cancel) return;
        m_jobs.cancel(id);
        m_looks.cancel(id);
    }

    template<class Request>
    using Reader = Result<Request> (*)(const Json&);

    /// Reads the parameters and answers at once.
    template<class Request, class Handler>
    void now(std::int64_t id, const Json& parameters, Reader<Request> read, Handler handler) {
        const auto request = read(parameters);
        if (!request) return answer(m_output, id, base::forward(request));
        answer(m_output, id, guarded([&] { return std::invoke(handler, m_requests, *request); }));
    }
    /// Reads the parameters and queues the job.
    template<class Request, class Handler>
    void later(JobQueue& queue, std::int64_t id, const Json& parameters, Reader<Request> read, Handler handler) {
        auto request = read(parameters);
        if (!request) return answer(m_output, id, base::forward(request));
        queue.add(id, [this, handler, wanted = std::move(*request)](const base::Job& job) {
            return std::invoke(handler, m_requests, wanted, job);
        });
    }

    void dispatch(std::int64_t id, const std::string& method, const Json& parameters) {
        namespace methods = client::method;
        // Looking for devices takes a while, and loads programs of others.
        if (method == methods::hello) return m_looks.add(id, [this](const base::Job&) { return m_requests.hello(); });
        if (method == methods::open) return later(m_jobs, id, parameters, client::openRequestFromJson, &ModelRequests::open);
        if (method == methods::close) return now(id, parameters, client::closeRequestFromJson, &ModelRequests::close);
        if (method == methods::preview || method == methods::drawing || method == methods::find) {
            // Of a recipe that is being edited only the newest is looked at.
            const auto [newest, isFirst] = m_newest.emplace(method, id);
            if (!isFirst) m_looks.cancel(std::exchange(newest->second, id));
        }
        if (method == methods::preview) return later(m_looks, id, parameters, client::previewRequestFromJson, &ModelRequests::preview);
        if (method == methods::drawing) return later(m_looks, id, parameters, client::drawingRequestFromJson, &ModelRequests::drawing);
        if (method == methods::find) return later(m_looks, id, parameters, client::findRequestFromJson, &ModelRequests::find);
        if (method == methods::weights) return later(m_looks, id, parameters, client::weightsRequestFromJson, &ModelRequests::weights);
        if (method == methods::samples) return later(m_jobs, id, parameters, client::samplesRequestFromJson, &ModelRequests::samples);
        if (method == methods::run) return later(m_jobs, id, parameters, client::runRequestFromJson, &ModelRequests::run);
        if (method == methods::measure) return later(m_jobs, id, parameters, client::measureRequestFromJson, &ModelRequests::measure);
        if (method == methods::exportModel)
            return later(m_jobs, id, parameters, client::exportRequestFromJson, &ModelRequests::exportModel);
        if (method == methods::shutdown) {
            m_isShutDown = true;
            return answer(m_output, id, Json::object());
        }
        const base::Error unknown{base::ErrorCode::InvalidArgument, "There is no method \"" + method + "\".", {}};
        m_output.send(client::errorText(id, {client::rpc_code::methodNotFound, unknown}));
    }

    Output m_output;
    ModelRequests m_requests;
    std::map<std::string, std::int64_t> m_newest; ///< id of the last request, of methods whose newer requests cancel the older
    bool m_isShutDown = false;
    JobQueue m_jobs, m_looks; ///< last: their threads use the requests
};

} // namespace

int serve(int inputDescriptor, int outputDescriptor) {
    // A window that is gone is seen by the failed write.
    std::signal(SIGPIPE, SIG_IGN);
    Server server(outputDescriptor);
    client::MessageReader reader;
    std::array<char, 1 << 16> buffer{};
    while (!server.isShutDown() && !server.isOutputBroken()) {
        const ssize_t size = ::read(inputDescriptor, buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return 1;
        if (size == 0) return 0;
        const auto messages = reader.feed(std::string_view(buffer.data(), static_cast<std::size_t>(size)));
        if (!messages) {
            base::log(base::LogLevel::Error, messages.error().message.text());
            return 1;
        }
        for (const std::string& message : *messages)
            server.handle(message);
    }
    return server.isOutputBroken() ? 1 : 0;
}

} // namespace lathe::engine
