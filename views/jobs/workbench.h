#pragma once

#include <functional>

#include <QObject>
#include <QTimer>

#include <core/client/requests.h>
#include <views/jobs/engine_client.h>
#include <views/jobs/problem.h>
#include <views/models/session.h>

namespace lathe::views {

/// Everything the window asks of the engine, for the session it works on: opens models, previews each edit, runs, exports. When the engine
/// dies it says so, keeps the session, and brings model and preview back with a new engine.
class Workbench : public QObject {
    Q_OBJECT

public:
    template<class Reply>
    using Answer = std::function<void(const base::Result<Reply>&)>;

    Workbench(Session& session, EngineClient& engine, QObject* parent = nullptr);

    /// Starts the engine and asks what it can do.
    void greet();
    /// The answer is Session::modelChanged(), modelOpened() and the data chosen, or problem(). `data` and `preprocessing` are what the
    /// shapes of the model's inputs are looked for with; they are of this model, not of the one that is open.
    void openModel(const QString& file, const QString& data = {}, const recipe::Preprocessing& preprocessing = {});
    /// The file of the open model once more, with its recipe and data: it has changed, or other data tells its shapes.
    void reopenModel();
    [[nodiscard]] bool isOpening() const { return m_opening != 0; }
    [[nodiscard]] QString openingFile() const { return isOpening() ? m_openingFile : QString(); }
    /// Is the file that is being opened another one than that of the open model?
    [[nodiscard]] bool isOpeningAnother() const;
    /// Is an answer about the recipe as it is now still to come?
    [[nodiscard]] bool isPreviewPending() const { return m_previewTimer.isActive() || m_preview != 0; }

    /// Starts the comparison of the model with and without the recipe, stored in `historyFile`.
    void run(const QString& historyFile);
    /// Measures the speed of a stored run once more; its model need not be open.
    void measureAgain(const QString& runId, const QString& historyFile);
    /// Ends the run, or the export. An engine that does not react within two seconds is killed.
    void cancel();
    /// Ends the trainings of the run (or the export), which goes on with what they have learned.
    void finishTraining();
    /// Holds those trainings where they are, or lets them go on.
    void pauseTraining(bool isPaused);
    /// Is there something that cancel() would end?
    [[nodiscard]] bool canCancel() const { return m_run != 0 || m_export != 0 || m_opening != 0; }

    /// `request.model`, `recipe`, `data` and `device` are filled in here.
    void exportModel(client::ExportRequest request, QObject* context, Answer<client::ExportReply> done);
    /// -1: the original; otherwise the number of steps applied.
    void drawing(int step, const graph::OpenModules& open, QObject* context, Answer<client::DrawingReply> done);
    /// Nodes of a stage that fit what was typed, in closed modules too.
    void find(int step, const QString& text, QObject* context, Answer<client::FindReply> done);
    void weights(const QString& layer, int bins, QObject* context, Answer<client::WeightsReply> done);
    /// Samples from `first` on of the chosen data, after the recipe's preprocessing; needs no model.
    void samples(std::int64_t first, QObject* context, Answer<client::SamplesReply> done);

signals:
    void problem(const lathe::views::Problem& problem);
    /// A job of opening, running or exporting began or ended.
    void busyChanged();
    void modelOpened(const QString& file);
    /// The comparison is in Session::lastRun() and in the history.
    void runFinished();
    /// The run has other figures of speed in the history now.
    void measuredAgain(const lathe::measure::RunDocument& run);
    void runCancelled();
    void previewSettled();

private:
    template<class Reply, class Parse>
    EngineClient::RequestId ask(const char* method, const base::Json& parameters, QObject* context, Parse parse, Answer<Reply> done,
                                EngineClient::OnProgress onProgress = {});
    [[nodiscard]] base::Json recipeJson() const;
    struct Opening {
        QString file, data;
        base::Json recipe; ///< for its preprocessing
    };
    [[nodiscard]] Opening openingOfSession() const;
    void sendOpen(const Opening& opening, Answer<client::OpenReply> done);
    void open(const Opening& opening);
    /// The answer to what is being opened does not matter any more.
    void abandonOpening();
    void closeInEngine(client::ModelHandle model);
    /// Opens the model again when its shapes are not known and data that was not there then may tell them.
    void findShapes();
    void requestPreview();
    void takePreview(const base::Result<client::PreviewReply>& reply);
    void takeRun(const base::Result<measure::RunDocument>& reply);
    void takeMeasurement(const base::Result<measure::RunDocument>& reply);
    void endRun();
    void engineDied(const QString& sentence);
    void report(const base::Error& error, const QString& task);
    [[nodiscard]] base::Result<client::ModelHandle> handle() const;

    Session& m_session;
    EngineClient& m_engine;
    QTimer m_previewTimer; ///< one preview for a burst of edits
    QTimer m_killTimer;
    EngineClient::RequestId m_preview = 0, m_run = 0, m_export = 0, m_opening = 0;
    QString m_openingFile;
    QString m_openedData;   ///< that the last model was opened with
    quint64 m_openings = 0; ///< how many there were: an answer to an older one comes too late
    bool m_isHandleValid = false;
    bool m_isRecovering = false; ///< a new engine has not brought the model back yet
};

} // namespace lathe::views
