#pragma once

#include <functional>
#include <memory>

#include <QHash>
#include <QObject>
#include <QPointer>

#include <core/base/job.h>
#include <core/base/json.h>
#include <core/base/result.h>
#include <core/client/message_codec.h>
#include <views/jobs/engine_transport.h>

namespace lathe::views {

/// Requests to the engine, answered by callback on this thread. Starts an engine when there is none. When the engine dies, each open
/// request fails with one sentence and engineDied() follows; the next request starts another engine. Answers to unknown or forgotten
/// requests are dropped.
class EngineClient : public QObject {
    Q_OBJECT

public:
    using RequestId = std::int64_t;
    using Done = std::function<void(const base::Result<base::Json>&)>;
    using OnProgress = std::function<void(const base::Progress&)>;

    explicit EngineClient(std::unique_ptr<EngineTransport> transport, QObject* parent = nullptr);
    ~EngineClient() override;

    /// `done` is called exactly once, unless `context` is destroyed or the request forgotten before. Never from inside this call.
    RequestId request(const char* method, const base::Json& parameters, QObject* context, Done done, OnProgress onProgress = {});
    /// Asks the engine to end a job; its request is then answered with the error Cancelled.
    void cancel(RequestId id);
    /// Asks the engine to end the trainings of a job and to keep what they have learned; the job goes on.
    void finishTraining(RequestId id);
    /// Asks the engine to hold the trainings of a job where they are, or to let them go on.
    void pauseTraining(RequestId id, bool isPaused);
    /// Its answer does not matter any more.
    void forget(RequestId id) { m_open.remove(id); }
    [[nodiscard]] bool isOpen(RequestId id) const { return m_open.contains(id); }
    [[nodiscard]] bool isEngineRunning() const { return m_transport->isRunning(); }
    /// For an engine that does not answer any more.
    void killEngine() { m_transport->kill(); }

signals:
    void logged(const QString& line);
    /// A whole sentence.
    void engineDied(const QString& sentence);

private:
    struct OpenRequest {
        QPointer<QObject> context;
        Done done;
        OnProgress onProgress;
    };
    void notify(const char* method, RequestId id);
    void receive(const QByteArray& bytes);
    void handle(const std::string& text);
    void answer(RequestId id, const base::Result<base::Json>& result);
    void bury(const QString& reason);

    std::unique_ptr<EngineTransport> m_transport;
    client::MessageReader m_reader;
    QHash<RequestId, OpenRequest> m_open;
    RequestId m_lastId = 0;
};

} // namespace lathe::views
