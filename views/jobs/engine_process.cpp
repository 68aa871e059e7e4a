#include <views/jobs/engine_process.h>

#include <QCoreApplication>
#include <QFileInfo>
#include <QStandardPaths>
#include <QTimer>

namespace lathe::views {

namespace {
constexpr qsizetype maxLogLine = 64 * 1024;
}

EngineProcess::EngineProcess(QObject* parent) : EngineTransport(parent) {
    connect(&m_process, &QProcess::readyReadStandardOutput, this, [this] { emit received(m_process.readAllStandardOutput()); });
    connect(&m_process, &QProcess::readyReadStandardError, this, &EngineProcess::readLog);
    connect(&m_process, &QProcess::finished, this, [this](int exitCode, QProcess::ExitStatus status) {
        readLog();
        emit died(status == QProcess::CrashExit ? tr("it crashed or was killed (signal %1)").arg(exitCode)
                                                : tr("it ended with status %1").arg(exitCode));
    });
    connect(&m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            emit died(tr("%1 could not be started: %2").arg(m_process.program(), m_process.errorString()));
    });
}

EngineProcess::~EngineProcess() {
    m_process.disconnect(this);
    if (m_process.state() == QProcess::NotRunning) return;
    m_process.closeWriteChannel();
    if (m_process.waitForFinished(1000)) return;
    m_process.kill();
    m_process.waitForFinished(1000);
}

QString EngineProcess::program() {
    const QString chosen = qEnvironmentVariable("LATHE_CLI");
    if (!chosen.isEmpty()) return chosen;
    const QString beside = QCoreApplication::applicationDirPath() % QStringLiteral("/lathe-cli");
    if (QFileInfo(beside).isExecutable()) return beside;
    return QStandardPaths::findExecutable(QStringLiteral("lathe-cli"));
}

bool EngineProcess::isRunning() const { return m_process.state() != QProcess::NotRunning; }

void EngineProcess::start() {
    const QString found = program();
    if (found.isEmpty()) {
        // Queued: nobody expects a signal from inside start().
        QTimer::singleShot(0, this, [this] { emit died(tr("lathe-cli was not found beside the window's program or in PATH")); });
        return;
    }
    m_logRest.clear();
    m_process.start(found, {QStringLiteral("serve")});
}

void EngineProcess::send(std::string_view bytes) { m_process.write(bytes.data(), static_cast<qint64>(bytes.size())); }

void EngineProcess::kill() { m_process.kill(); }

void EngineProcess::readLog() {
    m_logRest += m_process.readAllStandardError();
    qsizetype end = 0;
    while ((end = m_logRest.indexOf('\n')) >= 0) {
        emit logged(QString::fromUtf8(m_logRest.left(end)));
        m_logRest.remove(0, end + 1);
    }
    if (m_logRest.size() > maxLogLine) m_logRest.clear();
}

} // namespace lathe::views
