#pragma once

#include <QObject>
#include <QSize>
#include <QStringList>
#include <QTimer>

namespace lathe::views {

class MainWindow;

/// What the documentation's picture shows: opens a sample, may run it and select layers, waits until nothing moves any more, stores the
/// window as PNG and quits the application (status 1 when it took over ten minutes or a problem was shown).
class ScriptedPicture : public QObject {
    Q_OBJECT

public:
    struct Script {
        QString file;
        QString sample; ///< "": the welcome page
        bool run = false;
        QStringList select;   ///< layers
        int step = 0;         ///< 1-based; 0: none
        QString stage;        ///< "original", "optimized"
        QString colour;       ///< "loss", "time", …
        QString page;         ///< "layers", "runs", "log"
        QString filter;       ///< of the runs
        int chart = 0;        ///< 1-based, in the order of the tabs; 0: the first
        int scope = 0;        ///< of comparison, 1-based as the selector lists them; 0: that of the model
        bool compare = false; ///< all runs that are shown, side by side
    };
    ScriptedPicture(MainWindow& window, Script script);

private:
    enum class Phase { Start, Opening, Running, Settling };
    void tick();
    void arrange();
    void finish();

    MainWindow& m_window;
    Script m_script;
    QTimer m_timer;
    Phase m_phase = Phase::Start;
    int m_idleTicks = 0, m_ticks = 0;
};

} // namespace lathe::views
