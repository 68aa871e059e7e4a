#pragma once

#include <string_view>

#include <QObject>
#include <QString>

namespace lathe::views {

/// The pipe to an engine. The window uses a process (EngineProcess), tests a fake. All signals come on the thread of the object, never from
/// inside send().
class EngineTransport : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    [[nodiscard]] virtual bool isRunning() const = 0;
    /// Starts an engine; whether that worked is said by died() or by its first bytes.
    virtual void start() = 0;
    virtual void send(std::string_view bytes) = 0;
    /// Ends the engine at once; died() follows.
    virtual void kill() = 0;

signals:
    void received(const QByteArray& bytes);
    /// A line that the engine wrote to its log.
    void logged(const QString& line);
    /// The engine is gone; `reason` is part of a sentence: "it was killed by signal 9".
    void died(const QString& reason);
};

} // namespace lathe::views
