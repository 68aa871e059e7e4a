#pragma once

#include <vector>

#include <QTableWidget>

#include <core/history/exported_file.h>

#include <views/widgets/dialog.h>

class QLabel;
class QPushButton;

namespace lathe::views {

/// The files that were ever exported, with and without a run: where each is, what it was made from, and below the table what the judges
/// found out about the one that is selected.
class ExportedFilesDialog : public Dialog {
    Q_OBJECT

public:
    /// `exports`: newest first.
    explicit ExportedFilesDialog(std::vector<history::ExportedFile> exports, QWidget* parent = nullptr);
    /// Hidden when there are no files.
    [[nodiscard]] QTableWidget* table() const { return m_table; }
    /// What stands below the table.
    [[nodiscard]] QString detail() const;

private:
    void showSelected();
    void openFolder();
    [[nodiscard]] const history::ExportedFile* selected() const;

    std::vector<history::ExportedFile> m_exports;
    QTableWidget* m_table;
    QLabel *m_path, *m_detail;
    QPushButton* m_openFolder;
};

} // namespace lathe::views
