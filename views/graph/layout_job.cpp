#include <views/graph/layout_job.h>

#include <utility>

namespace lathe::views {

LayoutJob::LayoutJob(Placer placer, QObject* parent) : QObject(parent), m_placer(std::move(placer)) {
    // A newer drawing need not wait until an older one has noticed that it is stopped.
    m_pool.setMaxThreadCount(2);
}

LayoutJob::~LayoutJob() {
    cancel();
    m_pool.waitForDone();
}

void LayoutJob::start(const layout::Drawing& drawing, const std::vector<layout::NodeSize>& sizes) {
    cancel();
    m_stop = std::stop_source();
    m_running = true;
    m_pool.start([this, placer = m_placer, drawing, sizes, stop = m_stop.get_token(), number = m_number] {
        auto placement = placer(drawing, sizes, stop);
        if (stop.stop_requested()) return;
        QMetaObject::invokeMethod(
            this,
            [this, number, result = std::move(placement)] {
                if (number != m_number) return;
                m_running = false;
                if (result) {
                    Q_EMIT placed(*result);
                } else {
                    Q_EMIT failed(result.error());
                }
            },
            Qt::QueuedConnection);
    });
}

void LayoutJob::cancel() {
    m_stop.request_stop();
    ++m_number;
    m_running = false;
}

} // namespace lathe::views
