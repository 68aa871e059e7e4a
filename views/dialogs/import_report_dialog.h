#pragma once

#include <QTableWidget>

#include <core/client/protocol.h>

#include <views/widgets/dialog.h>

namespace lathe::views {

/// What was found in a model's file: its operators and which of them run, what cannot be run and where it comes from, notes on the file,
/// and what all that means. A model that cannot be run can still be seen.
class ImportReportDialog : public Dialog {
    Q_OBJECT

public:
    ImportReportDialog(const client::OpenReply& model, QWidget* parent = nullptr);
    [[nodiscard]] QTableWidget* operators() const { return m_operators; }
    /// Hidden when there are none.
    [[nodiscard]] QTableWidget* problems() const { return m_problems; }
    [[nodiscard]] QString verdict() const;

private:
    void fillOperators(const client::InspectReport& report);
    void fillProblems(const client::InspectReport& report);

    QTableWidget *m_operators, *m_problems;
};

/// "The model runs.", or what does not and what can be done all the same.
[[nodiscard]] QString importVerdict(const client::InspectReport& report);

} // namespace lathe::views
