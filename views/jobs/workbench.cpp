#include <views/jobs/workbench.h>

#include <core/steps/step_table.h>

#include <algorithm>

#include <chrono>

#include <QFileInfo>

#include <core/report/run_json.h>
#include <views/models/engine_text.h>
#include <views/models/text.h>

namespace lathe::views {

using namespace std::chrono_literals;

Workbench::Workbench(Session& session, EngineClient& engine, QObject* parent) : QObject(parent), m_session(session), m_engine(engine) {
    m_previewTimer.setSingleShot(true);
    m_previewTimer.setInterval(40ms);
    m_killTimer.setSingleShot(true);
    m_killTimer.setInterval(2s);
    connect(&m_previewTimer, &QTimer::timeout, this, &Workbench::requestPreview);
    connect(&m_killTimer, &QTimer::timeout, this, [this] {
        if (canCancel()) m_engine.killEngine();
    });
    connect(&session.recipe(), &RecipeModel::recipeChanged, this, [this] {
        if (m_session.model()) m_previewTimer.start();
    });
    connect(&session, &Session::choicesChanged, this, &Workbench::findShapes);
    connect(&engine, &EngineClient::logged, this, [this](const QString& line) { m_session.log().addEngineLine(line); });
    connect(&engine, &EngineClient::engineDied, this, &Workbench::engineDied);
}

template<class Reply, class Parse>
EngineClient::RequestId Workbench::ask(const char* method, const base::Json& parameters, QObject* context, Parse parse, Answer<Reply> done,
                                       EngineClient::OnProgress onProgress) {
    const auto read = [parse, done = std::move(done)](const base::Result<base::Json>& json) {
        if (!json) return done(base::forward(json));
        done(parse(*json));
    };
    return m_engine.request(method, parameters, context, read, std::move(onProgress));
}

base::Json Workbench::recipeJson() const {
    // The recipe's own writer gives the text of a recipe file; the protocol carries it as an object.
    return base::Json::parse(recipe::write(m_session.recipe().recipe()), nullptr, false);
}

base::Result<client::ModelHandle> Workbench::handle() const {
    if (m_session.model() && m_isHandleValid) return m_session.model()->model;
    return base::failure(base::ErrorCode::NotFound, toStd(tr("No model is open.")));
}

void Workbench::greet() {
    ask<client::HelloReply>(
        client::method::hello, base::Json::object(), this, client::helloReplyFromJson,
        [this](const base::Result<client::HelloReply>& reply) {
            if (!reply) return m_session.log().add(LogModel::Level::Error, engineText(reply.error()));
            steps::adoptStepSpecs(reply->steps); // what may be offered is what this engine can do
            m_session.setEngine(*reply);
            m_session.log().add(
                LogModel::Level::Info,
                tr("Engine %1 with LibTorch %2 on %3 is ready.").arg(toQt(reply->version), toQt(reply->torch), toQt(reply->cpu)));
        });
}

Workbench::Opening Workbench::openingOfSession() const {
    return {toQt(m_session.model() ? m_session.model()->file : std::string()), m_session.data(), recipeJson()};
}

bool Workbench::isOpeningAnother() const { return isOpening() && (!m_session.model() || toQt(m_session.model()->file) != m_openingFile); }

void Workbench::sendOpen(const Opening& opening, Answer<client::OpenReply> done) {
    abandonOpening();
    const client::OpenRequest request{toStd(opening.file), toStd(opening.data), opening.recipe};
    m_openingFile = opening.file;
    m_openedData = opening.data;
    const quint64 number = ++m_openings;
    m_opening = ask<client::OpenReply>(client::method::open, client::toJson(request), this, client::openReplyFromJson,
                                       [this, number, done = std::move(done)](const base::Result<client::OpenReply>& reply) {
                                           if (number != m_openings) {
                                               if (reply) closeInEngine(reply->model); // it was there before the engine heard of it
                                               return;
                                           }
                                           m_opening = 0;
                                           m_killTimer.stop();
                                           m_isHandleValid = reply.has_value() || (m_isHandleValid && m_session.model());
                                           done(reply);
                                           emit busyChanged();
                                       });
    emit busyChanged();
}

void Workbench::abandonOpening() {
    if (!m_opening) return;
    m_engine.cancel(std::exchange(m_opening, 0));
    ++m_openings;
}

void Workbench::closeInEngine(client::ModelHandle model) {
    m_engine.request(client::method::close, client::toJson(client::CloseRequest{model}), this, [](const base::Result<base::Json>&) {});
}

void Workbench::openModel(const QString& file, const QString& data, const recipe::Preprocessing& preprocessing) {
    recipe::Recipe recipe;
    recipe.preprocessing = preprocessing;
    open({file, data, base::Json::parse(recipe::write(recipe), nullptr, false)});
}

void Workbench::reopenModel() {
    if (m_session.model()) open(openingOfSession());
}

void Workbench::open(const Opening& opening) {
    if (m_session.isRunning()) {
        emit problem({tr("A comparison is running."), tr("Wait for it or cancel it, then open another model."), {}});
        return;
    }
    sendOpen(opening, [this, opening](const base::Result<client::OpenReply>& reply) {
        if (!reply) return report(reply.error(), tr("Opening %1").arg(opening.file));
        if (const base::Result<client::ModelHandle> old = handle(); old && m_session.model()->model != reply->model) closeInEngine(*old);
        const bool isAnother = !m_session.model() || toQt(m_session.model()->file) != opening.file;
        m_session.setModel(*reply);
        if (isAnother) m_session.setData(opening.data);
        emit modelOpened(opening.file);
        requestPreview();
        findShapes();
    });
}

void Workbench::findShapes() {
    const std::optional<client::OpenReply>& model = m_session.model();
    if (!model || isOpening() || m_session.isRunning() || m_session.data().isEmpty() || m_session.data() == m_openedData) return;
    const bool lacksShapes = std::ranges::any_of(model->inputShapes, [](const tensor::Shape& shape) { return shape.empty(); });
    // Random input is made for the free sizes that the user chose.
    const bool isRandom = m_session.data() == QLatin1String("random") || m_session.data().startsWith(QLatin1String("random:"));
    if (lacksShapes || isRandom) reopenModel();
}

void Workbench::requestPreview() {
    m_previewTimer.stop();
    const base::Result<client::ModelHandle> model = handle();
    if (!model) return;
    if (m_preview) m_engine.forget(m_preview);
    m_preview = ask<client::PreviewReply>(client::method::preview, client::toJson(client::PreviewRequest{*model, recipeJson()}), this,
                                          client::previewReplyFromJson,
                                          [this](const base::Result<client::PreviewReply>& reply) { takePreview(reply); });
}

void Workbench::takePreview(const base::Result<client::PreviewReply>& reply) {
    m_preview = 0;
    if (reply) {
        m_session.setPreview(*reply);
        m_isRecovering = false;
    } else {
        client::PreviewReply failed;
        failed.layers = m_session.layers().layers();
        failed.groups = m_session.layers().groups();
        failed.error = reply.error().message;
        m_session.setPreview(std::move(failed));
    }
    emit previewSettled();
}

void Workbench::run(const QString& historyFile) {
    if (m_session.isRunning()) return;
    const base::Result<client::ModelHandle> model = handle();
    if (!model) {
        // The engine died and was not brought back (it died twice): try once more, then run.
        if (!m_session.model()) {
            emit problem({tr("No model is open."), tr("Open a model or a sample first."), {}});
            return;
        }
        m_isRecovering = true;
        sendOpen(openingOfSession(), [this, historyFile](const base::Result<client::OpenReply>& reply) {
            if (!reply) return report(reply.error(), tr("Opening %1").arg(m_openingFile));
            m_session.renewHandle(reply->model);
            requestPreview();
            run(historyFile);
        });
        return;
    }
    client::RunRequest request;
    request.model = *model;
    request.recipe = recipeJson();
    request.data = toStd(m_session.data());
    request.device = toStd(m_session.device());
    if (!historyFile.isEmpty()) request.history = toStd(historyFile);
    m_session.setRunning(true);
    m_run = ask<measure::RunDocument>(
        client::method::run, client::toJson(request), this, report::runDocumentFromJson,
        [this](const base::Result<measure::RunDocument>& reply) { takeRun(reply); },
        [this](const base::Progress& progress) { m_session.setProgress(progress); });
    emit busyChanged();
}

void Workbench::measureAgain(const QString& runId, const QString& historyFile) {
    if (m_session.isRunning()) return;
    m_session.setRunning(true);
    m_run = ask<measure::RunDocument>(
        client::method::measure, client::toJson(client::MeasureRequest{toStd(historyFile), toStd(runId), {}}), this,
        report::runDocumentFromJson, [this](const base::Result<measure::RunDocument>& reply) { takeMeasurement(reply); },
        [this](const base::Progress& progress) { m_session.setProgress(progress); });
    emit busyChanged();
}

void Workbench::endRun() {
    m_run = 0;
    m_killTimer.stop();
    m_session.setRunning(false);
    emit busyChanged();
}

void Workbench::takeRun(const base::Result<measure::RunDocument>& reply) {
    endRun();
    if (reply) {
        m_session.setLastRun(*reply);
        emit runFinished();
    } else if (reply.error().code == base::ErrorCode::Cancelled) {
        emit runCancelled();
    } else {
        report(reply.error(), tr("Running the comparison"));
    }
}

void Workbench::takeMeasurement(const base::Result<measure::RunDocument>& reply) {
    endRun();
    if (reply) {
        if (m_session.lastRun() && m_session.lastRun()->historyIds == reply->historyIds) m_session.setLastRun(*reply);
        emit measuredAgain(*reply);
    } else if (reply.error().code == base::ErrorCode::Cancelled) {
        emit runCancelled();
    } else {
        report(reply.error(), tr("Measuring again"));
    }
}

void Workbench::cancel() {
    if (m_opening) {
        // Opening has no result worth waiting for.
        abandonOpening();
        emit busyChanged();
    }
    for (const EngineClient::RequestId job : {m_run, m_export}) {
        if (job) m_engine.cancel(job);
    }
    if (canCancel()) m_killTimer.start();
}

void Workbench::finishTraining() {
    for (const EngineClient::RequestId job : {m_run, m_export}) {
        if (job) m_engine.finishTraining(job);
    }
}

void Workbench::pauseTraining(bool isPaused) {
    for (const EngineClient::RequestId job : {m_run, m_export}) {
        if (job) m_engine.pauseTraining(job, isPaused);
    }
}

void Workbench::exportModel(client::ExportRequest request, QObject* context, Answer<client::ExportReply> done) {
    const base::Result<client::ModelHandle> model = handle();
    if (!model) return done(base::forward(model));
    request.model = *model;
    request.recipe = recipeJson();
    request.data = toStd(m_session.data());
    request.device = toStd(m_session.device());
    m_export = ask<client::ExportReply>(
        client::method::exportModel, client::toJson(request), this, client::exportReplyFromJson,
        [this, context = QPointer<QObject>(context), done = std::move(done)](const base::Result<client::ExportReply>& reply) {
            m_export = 0;
            m_killTimer.stop();
            emit busyChanged();
            if (context) done(reply);
        },
        [this](const base::Progress& progress) { m_session.setProgress(progress); });
    emit busyChanged();
}

void Workbench::drawing(int step, const graph::OpenModules& open, QObject* context, Answer<client::DrawingReply> done) {
    const base::Result<client::ModelHandle> model = handle();
    if (!model) return done(base::forward(model));
    ask<client::DrawingReply>(client::method::drawing, client::toJson(client::DrawingRequest{*model, recipeJson(), step, open}), context,
                              client::drawingReplyFromJson, std::move(done));
}

void Workbench::find(int step, const QString& text, QObject* context, Answer<client::FindReply> done) {
    const base::Result<client::ModelHandle> model = handle();
    if (!model) return done(base::forward(model));
    ask<client::FindReply>(client::method::find, client::toJson(client::FindRequest{*model, recipeJson(), step, toStd(text)}), context,
                           client::findReplyFromJson, std::move(done));
}

void Workbench::weights(const QString& layer, int bins, QObject* context, Answer<client::WeightsReply> done) {
    const base::Result<client::ModelHandle> model = handle();
    if (!model) return done(base::forward(model));
    ask<client::WeightsReply>(client::method::weights, client::toJson(client::WeightsRequest{*model, recipeJson(), toStd(layer), bins}),
                              context, client::weightsReplyFromJson, std::move(done));
}

void Workbench::samples(std::int64_t first, QObject* context, Answer<client::SamplesReply> done) {
    const client::ModelHandle model = handle().value_or(0); // for random input, which is made for a model
    ask<client::SamplesReply>(client::method::samples,
                              client::toJson(client::SamplesRequest{toStd(m_session.data()), recipeJson(), first, 12, model}), context,
                              client::samplesReplyFromJson, std::move(done));
}

void Workbench::engineDied(const QString& sentence) {
    m_isHandleValid = false;
    m_killTimer.stop();
    m_session.setEngine(std::nullopt);
    m_session.log().add(LogModel::Level::Error, sentence);
    // Bring the model back, but only once: a model that kills every engine must not do so for ever.
    const bool tryAgain = m_session.model().has_value() && !m_isRecovering;
    emit problem({sentence,
                  tryAgain ? tr("The recipe is kept and a new engine is being started; you can run again.")
                           : tr("The recipe is kept. Open another model, or run again to start a new engine."),
                  m_session.log().text()});
    if (!tryAgain) return;
    m_isRecovering = true;
    greet();
    sendOpen(openingOfSession(), [this](const base::Result<client::OpenReply>& reply) {
        if (!reply) return report(reply.error(), tr("Opening %1").arg(m_openingFile));
        m_session.renewHandle(reply->model);
        requestPreview();
    });
}

void Workbench::report(const base::Error& error, const QString& task) {
    if (error.code == base::ErrorCode::Cancelled) return;
    m_session.log().add(LogModel::Level::Error, task % QStringLiteral(": ") % toQt(error.text()));
    // The engine's death is reported once, by engineDied().
    if (!m_engine.isEngineRunning() && error.code == base::ErrorCode::Failed) return;
    emit problem(problemFor(error, task));
}

} // namespace lathe::views
