#pragma once

#include <vector>

#include <QDialog>
#include <QLabel>
#include <QPushButton>

#include <core/client/protocol.h>
#include <views/jobs/workbench.h>
#include <views/widgets/sample_tile.h>

namespace lathe::views {

/// What the model will see: samples of the chosen data after the recipe's preprocessing, a dozen at a time.
class DataPreviewDialog : public QDialog {
    Q_OBJECT

public:
    explicit DataPreviewDialog(Workbench& workbench, QWidget* parent = nullptr);
    [[nodiscard]] const std::vector<SampleTile*>& tiles() const { return m_tiles; }
    /// What the data is, or why it cannot be shown.
    [[nodiscard]] QString headline() const { return m_headline->text(); }
    [[nodiscard]] QPushButton* previousButton() const { return m_previous; }
    [[nodiscard]] QPushButton* nextButton() const { return m_next; }

private:
    void ask(std::int64_t first);
    void take(const client::SamplesReply& reply);

    Workbench& m_workbench;
    QLabel* m_headline;
    std::vector<SampleTile*> m_tiles;
    QPushButton *m_previous, *m_next;
    std::int64_t m_first = 0;
};

} // namespace lathe::views
