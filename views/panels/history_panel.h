#pragma once

#include <optional>

#include <QTimer>
#include <QWidget>

#include <core/history/history.h>
#include <views/models/history_filter.h>
#include <views/models/history_model.h>
#include <views/models/run_scopes.h>

class QAction;
class QLabel;
class QLineEdit;
class QPushButton;
class QTableView;

namespace lathe::views {

class RunNotesPopup;
class ScopeBox;

/// The runs in the history file: filter, rename, tag, note, choose the baseline, restore, delete. Follows what other programs write. What
/// goes wrong with the file is said in the panel; nothing is lost and nothing blocks.
class HistoryPanel : public QWidget {
    Q_OBJECT

public:
    /// The file is opened, or created, when the event loop first runs.
    explicit HistoryPanel(const QString& historyFile, QWidget* parent = nullptr);
    ~HistoryPanel() override;

    /// Reads the runs again; those of a long history page by page, the newest at once.
    void refresh();
    /// Rows of a page: for tests.
    void setPageSize(std::size_t rows) { m_pageSize = rows; }
    /// Are there pages that were not read yet?
    [[nodiscard]] bool isReading() const { return m_isReading; }
    /// Runs whose process is gone become interrupted; called when the engine dies, and now and then.
    void markInterrupted();
    /// Selects without emitting runSelected; an unknown id clears the selection. A run that is one of several selected ones leaves them.
    void setSelectedRun(const QString& id);
    [[nodiscard]] QString selectedRun() const;
    [[nodiscard]] QStringList selectedRuns() const;
    /// One run with everything, samples too.
    [[nodiscard]] base::Result<history::RunRow> run(const QString& id);
    /// Newest first, with and without a run.
    [[nodiscard]] base::Result<std::vector<history::ExportedFile>> exportedFiles();

    /// Filter field and choice of the scope: shown on top of the panel until they are put elsewhere.
    [[nodiscard]] QWidget* tools() const { return m_tools; }
    [[nodiscard]] QLineEdit* filterField() const { return m_filterField; }
    [[nodiscard]] ScopeBox* scopeBox() const { return m_scopeBox; }
    /// Which runs are shown and compared.
    [[nodiscard]] RunScopes& scopes() { return m_scopes; }
    [[nodiscard]] QTableView* table() const { return m_table; }
    [[nodiscard]] const HistoryModel& model() const { return m_model; }
    /// What is wrong with the history; empty when all is well.
    [[nodiscard]] QString problemText() const;
    /// What of the filter cannot be used; empty when all of it can.
    [[nodiscard]] QString filterProblemText() const;
    /// What can be done with the selected runs, for menus: they are disabled when they make no sense.
    [[nodiscard]] QAction* baselineAction() const { return m_setBaseline; }
    [[nodiscard]] QAction* deleteAction() const { return m_delete; }
    [[nodiscard]] QAction* compareAction() const { return m_compare; }
    /// Disabled where nothing can be measured again, and while something else is at work (setCanMeasure).
    [[nodiscard]] QAction* measureAgainAction() const { return m_measureAgain; }
    void setCanMeasure(bool can);

Q_SIGNALS:
    void runSelected(const QString& id);
    /// The user wants this run's recipe back.
    void runActivated(const QString& id);
    /// The user wants the speed of this run measured once more.
    void measureAgainRequested(const QString& id);
    /// The user wants to see these runs side by side.
    void comparisonRequested(const QStringList& ids);
    /// Newest first, after every refresh that found something else.
    void runsChanged(const std::vector<lathe::history::RunRow>& rows);

protected:
    void changeEvent(QEvent* event) override;

private:
    QAction* addRowAction(const QKeySequence& shortcut, void (HistoryPanel::*slot)());
    void makeTable();
    [[nodiscard]] bool open();
    /// The page behind m_read; false: it could not be read, which is said.
    [[nodiscard]] bool readPage();
    void readOn();
    void giveUp(const base::Error& error);
    void takeRows(std::vector<history::RunRow> rows);
    void poll();
    /// Shows the error and reads again when something was written.
    void afterWriting(const base::Result<>& result);
    void showProblem(const QString& text);
    void showState();
    void showScope();
    /// Columns that have nothing to say take no room.
    void showColumns();
    /// A menu of the figures that have no column yet, below the header.
    void chooseColumns(const QPoint& position);
    /// Selections survive what resets the table.
    void keepSelection();
    void takeSelection();
    void updateActions();
    void retranslate();

    void restore();
    void rename();
    void editNotes();
    void setBaseline();
    void compare();
    void measureAgain();
    void removeSelected();
    /// The selected run where its speed can be measured again, or the newest whose speed is not reliable; null: none.
    [[nodiscard]] const history::RunRow* runToMeasure() const;
    void showDoubt();

    std::string m_file;
    std::optional<history::History> m_history;
    std::int64_t m_dataVersion = -1;
    QTimer m_poll, m_nextPage;
    std::vector<history::RunRow> m_read; ///< pages of a history that is being read
    std::size_t m_pageSize = 2000;
    bool m_isReading = false;
    HistoryModel m_model;
    HistoryFilter m_filter;
    RunScopes m_scopes;
    QWidget* m_tools;
    QLineEdit* m_filterField;
    ScopeBox* m_scopeBox;
    QTableView* m_table;
    QWidget* m_problem;
    QLabel *m_problemText, *m_empty;
    QLabel* m_filterProblem;
    QPushButton* m_tryAgain;
    RunNotesPopup* m_notes;
    QAction *m_restore, *m_rename, *m_editNotes, *m_setBaseline, *m_compare, *m_measureAgain, *m_delete;
    QWidget* m_doubt; ///< that a run's speed is not reliable, and the button against it
    QLabel* m_doubtText;
    QPushButton* m_doubtButton;
    QStringList m_keptRuns; ///< selected while the table is reset
    QString m_keptRun;      ///< the current one
    bool m_canMeasure = true;
    bool m_isSelecting = false;
};

} // namespace lathe::views
