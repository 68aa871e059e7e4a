#include <core/engine/server.h>

#include <filesystem>
#include <thread>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <core/base/files.h>
#include <core/client/message_codec.h>
#include <core/client/requests.h>
#include <core/client/rpc.h>
#include <core/client/training_methods.h>
#include <core/formats/model_file.h>
#include <core/steps/step_table.h>
#include <tests/core/engine/sample_model.h>
#include <tests/support/transformer.h>

namespace lathe::engine {
namespace {

using base::Json;
using client::RpcMessage;

/// A server on one end of a socket and a patient client on the other.
class ServerTest : public testing::Test {
protected:
    void SetUp() override {
        int ends[2];
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        m_here = ends[0];
        m_there = ends[1];
        m_thread = std::thread([this] { m_exitCode = serve(m_there, m_there); });
    }
    void TearDown() override {
        ::shutdown(m_here, SHUT_WR);
        m_thread.join();
        ::close(m_here);
        ::close(m_there);
    }

    void send(const std::string& json) {
        const std::string message = client::frame(json);
        ASSERT_EQ(::write(m_here, message.data(), message.size()), static_cast<ssize_t>(message.size()));
    }
    void request(std::int64_t id, const char* method, const Json& parameters) { send(client::requestText(id, method, parameters)); }

    /// The answer with this id; notifications on the way are kept.
    RpcMessage answer(std::optional<std::int64_t> id) {
        for (;;) {
            for (auto message = m_received.begin(); message != m_received.end(); ++message) {
                if (message->kind == RpcMessage::Kind::Notification || message->id != id) continue;
                RpcMessage found = *message;
                m_received.erase(message);
                return found;
            }
            if (!receive()) return {};
        }
    }
    bool receive() {
        char buffer[65536];
        const ssize_t size = ::read(m_here, buffer, sizeof buffer);
        if (size <= 0) return false;
        const auto texts = m_reader.feed(std::string_view(buffer, static_cast<std::size_t>(size)));
        for (const std::string& text : texts.value()) {
            m_received.push_back(client::parseMessage(text).value());
        }
        return true;
    }
    std::size_t notifications() const {
        return static_cast<std::size_t>(std::ranges::count(m_received, RpcMessage::Kind::Notification, &RpcMessage::kind));
    }
    base::Progress newestProgress() const {
        base::Progress newest;
        for (const RpcMessage& message : m_received) {
            if (message.method == client::method::progress) newest = client::progressNoteFromJson(message.content).value().progress;
        }
        return newest;
    }
    int progressStep() const { return newestProgress().step; }
    client::OpenReply openSample() {
        request(1, client::method::open, client::toJson(client::OpenRequest{support::sampleFile().string(), support::smallData}));
        return client::openReplyFromJson(answer(1).content).value();
    }
    /// A run that takes long enough to be interrupted.
    static client::RunRequest longTraining(const client::OpenReply& opened) {
        client::RunRequest run;
        run.model = opened.model;
        run.recipe = base::parseJson(R"({"lathe": 1, "steps": [{"op": "finetune", "epochs": 1000}]})").value();
        run.data = support::smallData;
        return run;
    }
    /// Behind this it is at work.
    void start(std::int64_t id, const client::RunRequest& run) {
        const std::size_t before = notifications();
        request(id, client::method::run, client::toJson(run));
        while (notifications() < before + 3)
            ASSERT_TRUE(receive());
    }

    int m_here = -1, m_there = -1, m_exitCode = -1;
    std::thread m_thread;
    client::MessageReader m_reader;
    std::vector<RpcMessage> m_received;
};

TEST_F(ServerTest, SaysHello) {
    request(1, client::method::hello, Json::object());
    const auto reply = client::helloReplyFromJson(answer(1).content);
    ASSERT_TRUE(reply) << reply.error().text();
    EXPECT_EQ(reply->devices.front().device, "cpu");
    EXPECT_EQ(reply->steps.size(), steps::stepSpecs().size());
}

TEST_F(ServerTest, OpensPreviewsAndDraws) {
    const auto opened = openSample();
    EXPECT_EQ(opened.parameters, 61706);
    EXPECT_EQ(opened.layers.size(), 5U);
    EXPECT_FALSE(opened.drawing.nodes.empty());
    const Json recipe = base::parseJson(recipe::write(support::shortRecipe())).value();
    request(2, client::method::preview, client::toJson(client::PreviewRequest{opened.model, recipe}));
    EXPECT_EQ(client::previewReplyFromJson(answer(2).content)->stages.size(), 5U);
    request(3, client::method::drawing, client::toJson(client::DrawingRequest{opened.model, recipe, 5}));
    EXPECT_NE(client::drawingReplyFromJson(answer(3).content)->drawing, opened.drawing);
    // LeNet-5 has no modules: all is there whatever is open.
    request(7, client::method::drawing,
            client::toJson(client::DrawingRequest{opened.model, recipe, -1, {graph::OpenModules::Kind::Chosen}}));
    EXPECT_EQ(client::drawingReplyFromJson(answer(7).content)->drawing, opened.drawing);
    request(8, client::method::find, client::toJson(client::FindRequest{opened.model, recipe, -1, "fc linear"}));
    EXPECT_EQ(*client::findReplyFromJson(answer(8).content), (client::FindReply{{"fc1", "fc2", "fc3"}, 3}));
    request(4, client::method::weights, client::toJson(client::WeightsRequest{opened.model, recipe, "fc1", 32}));
    EXPECT_EQ(client::weightsReplyFromJson(answer(4).content)->count, 48000);
    request(5, client::method::close, client::toJson(client::CloseRequest{opened.model}));
    EXPECT_EQ(answer(5).kind, RpcMessage::Kind::Result);
    request(6, client::method::preview, client::toJson(client::PreviewRequest{opened.model, recipe}));
    EXPECT_EQ(answer(6).error.error.code, base::ErrorCode::NotFound);
}

TEST_F(ServerTest, ARunIsCancelledWhileOtherRequestsAreAnswered) {
    const auto opened = openSample();
    const client::RunRequest run = longTraining(opened);
    start(7, run);
    request(8, client::method::hello, Json::object());
    EXPECT_EQ(answer(8).kind, RpcMessage::Kind::Result);
    send(client::notificationText(client::method::cancel, client::toJson(client::CancelRequest{7})));
    const RpcMessage end = answer(7);
    EXPECT_EQ(end.kind, RpcMessage::Kind::Error);
    EXPECT_EQ(end.error.error.code, base::ErrorCode::Cancelled);
}

TEST_F(ServerTest, ATrainingIsEndedAndTheRunGoesOn) {
    const auto opened = openSample();
    const client::RunRequest run = longTraining(opened);
    start(7, run);
    send(client::notificationText(client::method::finish, client::toJson(client::CancelRequest{7})));
    const RpcMessage end = answer(7);
    ASSERT_EQ(end.kind, RpcMessage::Kind::Result);
    EXPECT_NE(end.content.dump().find("of 1000 epochs."), std::string::npos) << "it says that it was shorter";
    // What was cut short is not taken for the whole: the same recipe trains again.
    start(8, run);
    send(client::notificationText(client::method::cancel, client::toJson(client::CancelRequest{8})));
    EXPECT_EQ(answer(8).error.error.code, base::ErrorCode::Cancelled);
}

TEST_F(ServerTest, ATrainingWaitsWhileItIsPaused) {
    const auto opened = openSample();
    client::RunRequest run = longTraining(opened);
    const auto notify = [&](const char* method) { send(client::notificationText(method, client::toJson(client::CancelRequest{7}))); };
    start(7, run);
    notify(client::method::pause);
    while (!newestProgress().values.contains("paused"))
        ASSERT_TRUE(receive());
    const base::Progress held = newestProgress();
    request(8, client::method::hello, Json::object()); // is answered meanwhile
    EXPECT_EQ(answer(8).kind, RpcMessage::Kind::Result);
    EXPECT_EQ(newestProgress().fraction, held.fraction) << "it waits";
    notify(client::method::resume);
    while (newestProgress().values.contains("paused"))
        ASSERT_TRUE(receive());
    EXPECT_GE(newestProgress().fraction, held.fraction);

    // One that is held can be ended, and cancelled.
    notify(client::method::pause);
    while (!newestProgress().values.contains("paused"))
        ASSERT_TRUE(receive());
    notify(client::method::cancel);
    EXPECT_EQ(answer(7).error.error.code, base::ErrorCode::Cancelled);
    start(7, run);
    notify(client::method::pause);
    while (!newestProgress().values.contains("paused"))
        ASSERT_TRUE(receive());
    notify(client::method::finish);
    EXPECT_EQ(answer(7).kind, RpcMessage::Kind::Result);
}

TEST_F(ServerTest, AWaitingJobIsCancelledWithoutWaitingForTheOneThatRuns) {
    const auto opened = openSample();
    const client::RunRequest run = longTraining(opened);
    start(7, run);
    request(8, client::method::open, client::toJson(client::OpenRequest{support::sampleFile().string(), ""}));
    send(client::notificationText(client::method::cancel, client::toJson(client::CancelRequest{8})));
    EXPECT_EQ(answer(8).error.error.code, base::ErrorCode::Cancelled);
    EXPECT_EQ(std::ranges::count(m_received, std::optional<std::int64_t>(7), &RpcMessage::id), 0) << "the run goes on";
    send(client::notificationText(client::method::cancel, client::toJson(client::CancelRequest{7})));
    EXPECT_EQ(answer(7).error.error.code, base::ErrorCode::Cancelled);
}

/// A transformer of so many nodes as a file.
std::filesystem::path transformerFile(int nodes) {
    const auto file = std::filesystem::path(testing::TempDir()) / ("transformer" + std::to_string(nodes) + ".pt2");
    EXPECT_TRUE(formats::writeExportedProgram(support::transformer(nodes), file));
    return file;
}

TEST_F(ServerTest, OpeningThousandsOfNodesIsCancelledAndTheNextDoesNotWait) {
    const auto file = transformerFile(6016);
    request(1, client::method::open, client::toJson(client::OpenRequest{file.string(), ""}));
    while (m_received.empty() || progressStep() < 2)
        ASSERT_TRUE(receive()); // the file is read, its layers are looked at
    send(client::notificationText(client::method::cancel, client::toJson(client::CancelRequest{1})));
    EXPECT_EQ(answer(1).error.error.code, base::ErrorCode::Cancelled) << "it was opened to its end";
    request(2, client::method::open, client::toJson(client::OpenRequest{support::sampleFile().string(), ""}));
    EXPECT_EQ(answer(2).kind, RpcMessage::Kind::Result);
    std::filesystem::remove(file);
}

TEST_F(ServerTest, ANewerPreviewCancelsTheOlderAndNeitherHoldsUpTheRest) {
    const auto file = transformerFile(3016);
    request(1, client::method::open, client::toJson(client::OpenRequest{file.string(), ""}));
    const auto opened = client::openReplyFromJson(answer(1).content).value();
    const Json recipe = base::parseJson(R"({"lathe": 1, "steps": [{"op": "quantize.dynamic"}]})").value();
    const Json preview = client::toJson(client::PreviewRequest{opened.model, recipe});
    send(client::requestText(2, client::method::preview, preview));
    send(client::requestText(3, client::method::preview, preview));
    request(4, client::method::close, client::toJson(client::CloseRequest{999}));
    EXPECT_EQ(answer(4).error.error.code, base::ErrorCode::NotFound);
    EXPECT_EQ(std::ranges::count(m_received, std::optional<std::int64_t>(3), &RpcMessage::id), 0) << "answered before the preview is there";
    EXPECT_EQ(answer(2).error.error.code, base::ErrorCode::Cancelled);
    EXPECT_EQ(client::previewReplyFromJson(answer(3).content)->stages.size(), 1U);
    std::filesystem::remove(file);
}

TEST_F(ServerTest, AnswersMistakesAndGoesOn) {
    send("{not json");
    EXPECT_EQ(answer(std::nullopt).error.code, client::rpc_code::parseError);
    request(2, "dance", Json::object());
    EXPECT_EQ(answer(2).error.code, client::rpc_code::methodNotFound);
    request(3, client::method::open, Json::object());
    const RpcMessage missing = answer(3);
    EXPECT_EQ(missing.error.code, client::rpc_code::invalidParameters);
    EXPECT_NE(missing.error.error.message.text().find("file"), std::string::npos);
    request(4, client::method::open, client::toJson(client::OpenRequest{"/nonexistent.pt", ""}));
    EXPECT_EQ(answer(4).error.error.code, base::ErrorCode::NotFound);
    request(5, client::method::shutdown, Json::object());
    EXPECT_EQ(answer(5).kind, RpcMessage::Kind::Result);
}

} // namespace
} // namespace lathe::engine
