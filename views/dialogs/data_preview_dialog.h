#pragma once

#include <vector>

#include <QLabel>
#include <QPushButton>

#include <core/client/protocol.h>
#include <views/commands/recipe_editor.h>
#include <views/dialogs/evaluation_form.h>
#include <views/dialogs/preprocessing_form.h>
#include <views/jobs/workbench.h>
#include <views/models/session.h>
#include <views/widgets/dialog.h>
#include <views/widgets/sample_tile.h>

namespace lathe::views {

/// What the model will see: samples of the chosen data after the recipe's preprocessing, a dozen at a time, and the fields of that
/// preprocessing and of how quality is measured with the labels. Each change is an entry of the undo history and shown at once.
class DataPreviewDialog : public Dialog {
    Q_OBJECT

public:
    DataPreviewDialog(Session& session, RecipeEditor& editor, Workbench& workbench, QWidget* parent = nullptr);
    [[nodiscard]] const std::vector<SampleTile*>& tiles() const { return m_tiles; }
    /// What the data is, or why it cannot be shown.
    [[nodiscard]] QString headline() const { return m_headline->text(); }
    [[nodiscard]] PreprocessingForm* form() const { return m_form; }
    [[nodiscard]] EvaluationForm* evaluationForm() const { return m_evaluation; }
    [[nodiscard]] QPushButton* previousButton() const { return m_previous; }
    [[nodiscard]] QPushButton* nextButton() const { return m_next; }

private:
    void ask(std::int64_t first);
    void change(const recipe::Preprocessing& preprocessing);
    void changeEvaluation(const recipe::Evaluation& evaluation);
    void take(const client::SamplesReply& reply);

    Session& m_session;
    RecipeEditor& m_editor;
    Workbench& m_workbench;
    QLabel* m_headline;
    PreprocessingForm* m_form;
    EvaluationForm* m_evaluation;
    std::vector<SampleTile*> m_tiles;
    QPushButton *m_previous, *m_next;
    std::int64_t m_first = 0;
    int m_question = 0; ///< answers to older ones are late
};

} // namespace lathe::views
