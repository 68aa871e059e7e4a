#pragma once

#include <functional>
#include <map>
#include <vector>

#include <core/client/message_codec.h>
#include <tests/gui/lenet_engine.h>
#include <views/jobs/engine_transport.h>

namespace lathe::views::test {

/// A pipe to a LenetEngine in this process. Answers come from the event loop, as those of a real engine do.
class FakeTransport : public EngineTransport {
    Q_OBJECT

public:
    using EngineTransport::EngineTransport;

    [[nodiscard]] bool isRunning() const override { return m_isRunning; }
    void start() override;
    void send(std::string_view bytes) override;
    void kill() override { die(QStringLiteral("it was killed")); }

    /// Requests of this method are not answered until release().
    void hold(const std::string& method) { m_held = method; }
    void release();
    /// Requests of this method are answered with an error; an empty sentence: as before.
    void refuse(const std::string& method, const std::string& sentence) { m_refused[method] = sentence; }
    void die(const QString& reason);
    /// Called before a run is answered: stores rows as the engine would.
    std::function<void(const base::Json& parameters)> onRun;
    void notifyProgress(std::int64_t id, const base::Progress& progress);
    void sendBytes(const QByteArray& bytes);

    struct Seen {
        std::string method;
        std::int64_t id = 0;
        base::Json parameters;
    };
    [[nodiscard]] const std::vector<Seen>& seen() const { return m_seen; }
    [[nodiscard]] int count(const std::string& method) const;
    [[nodiscard]] std::int64_t lastId(const std::string& method) const;
    [[nodiscard]] int starts() const { return m_starts; }

private:
    void handle(const std::string& text);
    void answer(const std::string& text);

    LenetEngine m_engine;
    client::MessageReader m_reader;
    std::vector<Seen> m_seen;
    std::vector<std::string> m_heldTexts;
    std::string m_held;
    std::map<std::string, std::string> m_refused;
    bool m_isRunning = false;
    int m_starts = 0;
};

} // namespace lathe::views::test
