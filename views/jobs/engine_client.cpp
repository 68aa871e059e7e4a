#include <views/jobs/engine_client.h>

#include <core/client/protocol.h>
#include <core/client/requests.h>
#include <core/client/rpc.h>
#include <core/client/training_methods.h>
#include <views/models/engine_text.h>
#include <views/models/text.h>

namespace lathe::views {

EngineClient::EngineClient(std::unique_ptr<EngineTransport> transport, QObject* parent)
    : QObject(parent), m_transport(std::move(transport)) {
    connect(m_transport.get(), &EngineTransport::received, this, &EngineClient::receive);
    connect(m_transport.get(), &EngineTransport::logged, this, &EngineClient::logged);
    connect(m_transport.get(), &EngineTransport::died, this, &EngineClient::bury);
}

EngineClient::~EngineClient() { m_transport->disconnect(this); }

EngineClient::RequestId EngineClient::request(const char* method, const base::Json& parameters, QObject* context, Done done,
                                              OnProgress onProgress) {
    if (!m_transport->isRunning()) {
        m_reader = {};
        m_transport->start();
    }
    const RequestId id = ++m_lastId;
    m_open.insert(id, {context, std::move(done), std::move(onProgress)});
    m_transport->send(client::frame(client::requestText(id, method, parameters)));
    return id;
}

void EngineClient::cancel(RequestId id) { notify(client::method::cancel, id); }

void EngineClient::finishTraining(RequestId id) { notify(client::method::finish, id); }

void EngineClient::pauseTraining(RequestId id, bool isPaused) { notify(isPaused ? client::method::pause : client::method::resume, id); }

void EngineClient::notify(const char* method, RequestId id) {
    if (!m_open.contains(id) || !m_transport->isRunning()) return;
    m_transport->send(client::frame(client::notificationText(method, client::toJson(client::CancelRequest{id}))));
}

void EngineClient::receive(const QByteArray& bytes) {
    const base::Result<std::vector<std::string>> messages = m_reader.feed({bytes.constData(), static_cast<std::size_t>(bytes.size())});
    if (!messages) {
        // There is no way back into the stream: another engine is started by the next request.
        emit logged(engineText(messages.error()));
        m_transport->kill();
        return;
    }
    for (const std::string& text : *messages)
        handle(text);
}

void EngineClient::handle(const std::string& text) {
    const tl::expected<client::RpcMessage, client::RpcError> message = client::parseMessage(text);
    if (!message) {
        emit logged(tr("The engine sent something that is not a message: %1").arg(engineText(message.error().error.message)));
        return;
    }
    using Kind = client::RpcMessage::Kind;
    switch (message->kind) {
    case Kind::Result:
        if (message->id) answer(*message->id, message->content);
        break;
    case Kind::Error:
        if (message->id)
            answer(*message->id, tl::unexpected<base::Error>(message->error.error));
        else
            emit logged(engineText(message->error.error));
        break;
    case Kind::Notification:
        if (message->method == client::method::progress) {
            const base::Result<client::ProgressNote> note = client::progressNoteFromJson(message->content);
            if (!note) return;
            const auto open = m_open.constFind(note->id);
            if (open != m_open.constEnd() && open->context && open->onProgress) open->onProgress(note->progress);
        }
        break;
    case Kind::Request:
        break;
    }
}

void EngineClient::answer(RequestId id, const base::Result<base::Json>& result) {
    if (!m_open.contains(id)) return;
    const OpenRequest open = m_open.take(id);
    if (open.context) open.done(result);
}

void EngineClient::bury(const QString& reason) {
    //: %1 is a part of a sentence: "it was killed by signal 9"
    const QString sentence = tr("The engine is gone: %1.").arg(reason);
    const QHash<RequestId, OpenRequest> open = std::exchange(m_open, {});
    m_reader = {};
    for (const OpenRequest& request : open) {
        if (request.context) request.done(base::failure(base::ErrorCode::Failed, toStd(sentence)));
    }
    emit engineDied(sentence);
}

} // namespace lathe::views
