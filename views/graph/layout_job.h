#pragma once

#include <functional>
#include <stop_token>
#include <vector>

#include <QObject>
#include <QThreadPool>

#include <core/layout/drawing.h>

namespace lathe::views {

/// Lays drawings out one after the other on a thread of its own: a newer one stops the older, whose result is never seen.
class LayoutJob : public QObject {
    Q_OBJECT

public:
    using Placer =
        std::function<base::Result<layout::Placement>(const layout::Drawing&, const std::vector<layout::NodeSize>&, std::stop_token)>;

    explicit LayoutJob(Placer placer, QObject* parent = nullptr);
    /// Stops what runs and waits for it: dot is killed, so that takes milliseconds.
    ~LayoutJob() override;

    void start(const layout::Drawing& drawing, const std::vector<layout::NodeSize>& sizes);
    /// Stops what runs; its result is dropped.
    void cancel();
    [[nodiscard]] bool isRunning() const { return m_running; }

Q_SIGNALS:
    /// One of the two on the thread of this object, for each start() that was neither cancelled nor followed by another.
    void placed(const lathe::layout::Placement& placement);
    void failed(const lathe::base::Error& error);

private:
    Placer m_placer;
    QThreadPool m_pool;
    std::stop_source m_stop;
    quint64 m_number = 0; ///< of the newest start()
    bool m_running = false;
};

} // namespace lathe::views
