#pragma once

#include <QProcess>

#include <views/jobs/engine_transport.h>

namespace lathe::views {

/// `lathe-cli serve` as a child process. The program is $LATHE_CLI, or lathe-cli beside this executable, or the one in PATH.
class EngineProcess : public EngineTransport {
    Q_OBJECT

public:
    explicit EngineProcess(QObject* parent = nullptr);
    /// Closes the engine's input, which ends it, and kills it when it takes longer than a second.
    ~EngineProcess() override;

    [[nodiscard]] bool isRunning() const override;
    void start() override;
    void send(std::string_view bytes) override;
    void kill() override;

    /// The program that start() would run; empty when there is none.
    [[nodiscard]] static QString program();

private:
    void readLog();
    QProcess m_process;
    QByteArray m_logRest;
};

} // namespace lathe::views
