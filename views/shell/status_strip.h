#pragma once

#include <QElapsedTimer>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QWidget>

#include <views/jobs/workbench.h>
#include <views/models/session.h>

namespace lathe::views {

class ElidedLabel;
class LossCurve;

/// Engine and noise at the left; what is being done, how far, how long still, and Cancel at the right. While a model is trained also its
/// loss so far, as a curve, and a button that ends training and keeps what was learned.
class StatusStrip : public QWidget {
    Q_OBJECT

public:
    StatusStrip(Session& session, Workbench& workbench, QWidget* parent = nullptr);
    /// A sentence that stays until the next one or until work begins: "Saved recipe.json."
    void say(const QString& sentence);
    [[nodiscard]] QString activity() const;

protected:
    void changeEvent(QEvent* event) override;

private:
    void showEngine();
    void showActivity();
    void showTraining();
    [[nodiscard]] QString phaseText() const;
    /// Does the training that runs wait?
    [[nodiscard]] bool isPaused() const;

    Session& m_session;
    Workbench& m_workbench;
    QLabel *m_engine, *m_library, *m_noise;
    ElidedLabel* m_activity;
    QProgressBar* m_bar;
    QLabel* m_timeLeft;
    LossCurve* m_loss;
    QPushButton *m_pause, *m_finish, *m_cancel;
    QString m_sentence;
};

} // namespace lathe::views
