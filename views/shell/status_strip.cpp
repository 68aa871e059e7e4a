#include <views/shell/status_strip.h>

#include <array>
#include <cmath>

#include <QEvent>
#include <QFileInfo>
#include <QHBoxLayout>

#include <views/models/number_text.h>
#include <views/models/step_text.h>
#include <views/models/text.h>
#include <views/widgets/accessibility.h>
#include <views/widgets/labels.h>
#include <views/widgets/loss_curve.h>

namespace lathe::views {

namespace {

struct PhaseWords {
    std::string_view phase;
    const char* text;
};
/// The engine's stable identifiers of phases.
constexpr std::array phaseWords = {
    PhaseWords{"open", QT_TRANSLATE_NOOP("StatusStrip", "opening the model")},
    PhaseWords{"load", QT_TRANSLATE_NOOP("StatusStrip", "loading data")},
    PhaseWords{"data", QT_TRANSLATE_NOOP("StatusStrip", "loading data")},
    PhaseWords{"transform", QT_TRANSLATE_NOOP("StatusStrip", "applying the recipe")},
    PhaseWords{"calibrate", QT_TRANSLATE_NOOP("StatusStrip", "calibrating")},
    PhaseWords{"finetune", QT_TRANSLATE_NOOP("StatusStrip", "fine-tuning")},
    PhaseWords{"quality", QT_TRANSLATE_NOOP("StatusStrip", "measuring quality")},
    PhaseWords{"latency", QT_TRANSLATE_NOOP("StatusStrip", "measuring latency")},
    PhaseWords{"simulate", QT_TRANSLATE_NOOP("StatusStrip", "simulating the integers")},
    PhaseWords{"layers", QT_TRANSLATE_NOOP("StatusStrip", "measuring layers")},
    PhaseWords{"memory", QT_TRANSLATE_NOOP("StatusStrip", "measuring memory")},
    PhaseWords{"export", QT_TRANSLATE_NOOP("StatusStrip", "exporting")},
    PhaseWords{"verify", QT_TRANSLATE_NOOP("StatusStrip", "checking the exported file")},
    PhaseWords{"history", QT_TRANSLATE_NOOP("StatusStrip", "storing the results")},
};

} // namespace

StatusStrip::StatusStrip(Session& session, Workbench& workbench, QWidget* parent)
    : QWidget(parent), m_session(session), m_workbench(workbench), m_engine(makeLabel(LabelKind::Muted, this)),
      m_library(makeLabel(LabelKind::Muted, this)), m_noise(makeLabel(LabelKind::Normal, this)),
      m_activity(new ElidedLabel(LabelKind::Muted, this)), m_bar(new QProgressBar(this)), m_timeLeft(makeLabel(LabelKind::Muted, this)),
      m_loss(new LossCurve(this)), m_pause(new QPushButton(this)), m_finish(new QPushButton(this)), m_cancel(new QPushButton(this)) {
    m_bar->setTextVisible(false);
    m_bar->setFixedWidth(150);
    m_activity->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(12, 2, 10, 2);
    row->setSpacing(18);
    row->addWidget(m_engine);
    row->addWidget(m_library);
    row->addWidget(m_noise);
    row->addWidget(m_activity, 1);
    row->addWidget(m_loss);
    row->addWidget(m_bar);
    row->addWidget(m_timeLeft);
    row->addWidget(m_pause);
    row->addWidget(m_finish);
    row->addWidget(m_cancel);
    m_pause->setObjectName(QStringLiteral("pauseTrainingButton"));
    m_finish->setObjectName(QStringLiteral("finishTrainingButton"));
    m_cancel->setObjectName(QStringLiteral("cancelButton"));

    connect(m_cancel, &QPushButton::clicked, &workbench, &Workbench::cancel);
    connect(m_pause, &QPushButton::clicked, this, [this] { m_workbench.pauseTraining(!isPaused()); });
    connect(m_finish, &QPushButton::clicked, this, [this] {
        m_finish->setEnabled(false); // until the next training
        m_workbench.finishTraining();
    });
    connect(&session, &Session::engineChanged, this, &StatusStrip::showEngine);
    connect(&session, &Session::progressChanged, this, &StatusStrip::showActivity);
    connect(&workbench, &Workbench::busyChanged, this, &StatusStrip::showActivity);
    setFixedHeight(sizeHint().height());
    showEngine();
    showActivity();
}

void StatusStrip::say(const QString& sentence) {
    m_sentence = sentence;
    showActivity();
}

QString StatusStrip::activity() const { return m_activity->text(); }

void StatusStrip::showEngine() {
    const std::optional<client::HelloReply>& engine = m_session.engine();
    const bool isReduced = engine && engine->isolation != "full";
    m_engine->setText(!engine ? tr("Engine: starting") : isReduced ? tr("Engine: local, ▲ reduced isolation") : tr("Engine: local"));
    m_engine->setToolTip(
        isReduced ? tr("This kernel lacks Landlock or seccomp: a model file from a stranger is read with more rights than it should have.")
                  : QString());
    m_library->setText(engine ? QStringLiteral("LibTorch %1 · %2").arg(toQt(engine->torch), toQt(engine->cpuDetail)) : QString());
    setPlainToolTip(m_library, engine ? toQt(engine->cpu) : QString());
    m_noise->setVisible(engine.has_value());
    if (!engine) return;
    // The mark changes its shape with its meaning, not only its colour.
    const bool isLow = engine->noise == "low";
    m_noise->setText(isLow ? tr("● noise low") : engine->noise == "medium" ? tr("▲ noise medium") : tr("▲ noise high"));
    m_noise->setToolTip(tr("How much other programs disturb measurements on this machine"));
    setStyleProperty(m_noise, "good", isLow);
    setStyleProperty(m_noise, "bad", engine->noise == "high");
}

QString StatusStrip::phaseText() const {
    const base::Progress& progress = m_session.progress();
    if (progress.phase.empty()) return tr("Starting");
    QString phase = step_text::title(progress.phase);
    for (const PhaseWords& words : phaseWords) {
        if (words.phase == progress.phase) phase = tr(words.text);
    }
    const auto epoch = progress.values.find("epoch"), epochs = progress.values.find("epochs");
    if (epoch != progress.values.end() && epochs != progress.values.end()) {
        phase += tr(", epoch %1 of %2").arg(std::lround(epoch->second)).arg(std::lround(epochs->second));
    }
    if (const auto loss = progress.values.find("loss"); loss != progress.values.end())
        phase += tr(", loss %1").arg(figureText(loss->second));
    if (isPaused()) phase += tr(", paused");
    if (progress.steps < 1) return phase;
    //: A progress: step number, number of steps, what is done
    return tr("Step %1 of %2 · %3").arg(progress.step).arg(progress.steps).arg(phase);
}

bool StatusStrip::isPaused() const { return m_session.progress().values.contains("paused"); }

void StatusStrip::showTraining() {
    const base::Progress& progress = m_session.progress();
    const auto loss = progress.values.find("loss");
    const bool trains = m_workbench.canCancel() && !m_workbench.isOpening() && loss != progress.values.end();
    m_pause->setText(isPaused() ? tr("Continue") : tr("Pause"));
    m_pause->setToolTip(isPaused() ? tr("Goes on with the training where it waits")
                                   : tr("Holds the training where it is; going on, it learns what it would have learned anyway"));
    m_pause->setVisible(trains);
    m_finish->setText(tr("Stop and keep"));
    m_finish->setToolTip(tr("Ends training now and goes on with what was learned so far"));
    if (trains) {
        const auto validation = progress.values.find("validation_loss");
        m_loss->add(progress.fraction, loss->second,
                    validation == progress.values.end() ? std::nullopt : std::optional(validation->second));
    } else {
        m_loss->clear();
        m_finish->setEnabled(true);
    }
    m_loss->setVisible(trains);
    m_library->setVisible(!trains); // makes room for what is being done in small windows
    m_finish->setVisible(trains);
}

void StatusStrip::showActivity() {
    showTraining();
    const bool isBusy = m_workbench.canCancel();
    m_cancel->setVisible(isBusy);
    m_bar->setVisible(isBusy);
    m_timeLeft->setVisible(isBusy);
    if (!isBusy) {
        m_activity->setText(m_sentence);
        return;
    }
    m_sentence.clear();
    const base::Progress& progress = m_session.progress();
    if (m_workbench.isOpening())
        m_activity->setText(tr("Opening %1").arg(QFileInfo(m_workbench.openingFile()).fileName()));
    else
        m_activity->setText(phaseText());
    const bool isKnown = progress.fraction >= 0 && !m_workbench.isOpening();
    m_bar->setRange(0, isKnown ? 1000 : 0);
    if (isKnown) {
        // The whole job: phases before this one are done.
        const double phases = std::max(1, progress.steps), done = std::max(0, progress.step - 1);
        m_bar->setValue(static_cast<int>((done + progress.fraction) / phases * 1000));
    }
    m_timeLeft->setText(progress.secondsLeft ? tr("%1 left").arg(durationText(*progress.secondsLeft)) : QString());
    m_cancel->setText(tr("Cancel"));
}

void StatusStrip::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        m_sentence.clear();
        showEngine();
        showActivity();
    }
    QWidget::changeEvent(event);
}

} // namespace lathe::views
