#include <tests/gui/fake_transport.h>

#include <algorithm>

#include <core/client/requests.h>
#include <core/client/rpc.h>

namespace lathe::views::test {

void FakeTransport::start() {
    m_isRunning = true;
    m_reader = {};
    ++m_starts;
}

void FakeTransport::send(std::string_view bytes) {
    if (!m_isRunning) return;
    const auto messages = m_reader.feed(bytes);
    if (!messages) return;
    for (const std::string& text : *messages)
        handle(text);
}

void FakeTransport::handle(const std::string& text) {
    const auto message = client::parseMessage(text);
    if (!message) return;
    m_seen.push_back({message->method, message->id.value_or(0), message->content});
    if (message->method == client::method::cancel) {
        // A held job ends as a real one does: with the error Cancelled.
        const std::int64_t id = message->content.at("id").get<std::int64_t>();
        m_heldTexts.clear();
        const std::string answer = client::errorText(id, {client::rpc_code::failed, {base::ErrorCode::Cancelled, "Cancelled.", {}}});
        sendBytes(QByteArray::fromStdString(client::frame(answer)));
        return;
    }
    if (message->method == m_held) {
        m_heldTexts.push_back(text);
        return;
    }
    answer(text);
}

void FakeTransport::answer(const std::string& text) {
    const auto message = client::parseMessage(text);
    if (message->method == client::method::run && onRun) onRun(message->content);
    const std::string& refusal = m_refused[message->method];
    const std::string reply = refusal.empty()
                                  ? m_engine.answer(text)
                                  : client::errorText(message->id, {client::rpc_code::failed, {base::ErrorCode::Rejected, refusal, {}}});
    if (!reply.empty()) sendBytes(QByteArray::fromStdString(client::frame(reply)));
}

void FakeTransport::release() {
    m_held.clear();
    for (const std::string& text : std::exchange(m_heldTexts, {}))
        answer(text);
}

void FakeTransport::sendBytes(const QByteArray& bytes) {
    QMetaObject::invokeMethod(
        this,
        [this, bytes, life = m_starts] {
            if (m_isRunning && life == m_starts) emit received(bytes);
        },
        Qt::QueuedConnection);
}

void FakeTransport::notifyProgress(std::int64_t id, const base::Progress& progress) {
    sendBytes(QByteArray::fromStdString(
        client::frame(client::notificationText(client::method::progress, client::toJson(client::ProgressNote{id, progress})))));
}

void FakeTransport::die(const QString& reason) {
    if (!m_isRunning) return;
    m_isRunning = false;
    m_heldTexts.clear();
    QMetaObject::invokeMethod(
        this, [this, reason] { emit died(reason); }, Qt::QueuedConnection);
}

int FakeTransport::count(const std::string& method) const {
    return static_cast<int>(std::count_if(m_seen.begin(), m_seen.end(), [&](const Seen& seen) { return seen.method == method; }));
}

std::int64_t FakeTransport::lastId(const std::string& method) const {
    const auto found = std::find_if(m_seen.rbegin(), m_seen.rend(), [&](const Seen& seen) { return seen.method == method; });
    return found == m_seen.rend() ? 0 : found->id;
}

} // namespace lathe::views::test
