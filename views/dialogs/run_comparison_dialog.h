#pragma once

#include <QDialog>

#include <views/models/run_comparison.h>

class QTableWidget;

namespace lathe::views {

/// Selected runs side by side: what can be said of them in a sentence each, and all their figures.
class RunComparisonDialog : public QDialog {
    Q_OBJECT

public:
    explicit RunComparisonDialog(const RunComparison& comparison, QWidget* parent = nullptr);
    [[nodiscard]] QTableWidget* table() const { return m_table; }
    /// The sentences above the table.
    [[nodiscard]] QString verdictText() const;

private:
    QTableWidget* m_table;
    QStringList m_verdicts;
};

} // namespace lathe::views
