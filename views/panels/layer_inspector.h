#pragma once

#include <vector>

#include <QLabel>
#include <QVBoxLayout>
#include <QWidget>

#include <views/commands/recipe_editor.h>
#include <views/jobs/workbench.h>
#include <views/models/session.h>
#include <views/widgets/figure_list.h>
#include <views/widgets/histogram_widget.h>
#include <views/widgets/spectrum_widget.h>

namespace lathe::views {

class FlatTabBar;
class KnobForm;
class PanelHeader;

/// The selected layers: the knobs that each step of the recipe has for single layers, weights and figures. An edit is for all selected
/// layers.
class LayerInspector : public QWidget {
    Q_OBJECT

public:
    LayerInspector(Session& session, RecipeEditor& editor, Workbench& workbench, QWidget* parent = nullptr);
    /// The form of a step of the recipe; nullptr when the step has no knobs for layers.
    [[nodiscard]] KnobForm* form(int step) const;
    [[nodiscard]] HistogramWidget* histogram() const { return m_histogram; }
    [[nodiscard]] SpectrumWidget* spectrum() const { return m_spectrum; }

protected:
    void changeEvent(QEvent* event) override;

private:
    /// What a step offers for layers, below a title.
    struct Section {
        int step = 0;
        std::string op;
        QLabel* title = nullptr;
        KnobForm* form = nullptr;
        QLabel* notes = nullptr;   ///< why the step leaves the layer as it is
        QLabel* coupled = nullptr; ///< of structured pruning
    };
    void showSelection();
    void rebuildSections();
    void showSection(const Section& section);
    void showNotes(const Section& section);
    void showCoupled(const Section& section);
    void showFigures();
    /// Those that are measured in a run, or those that are known before.
    void addLayerFigures(std::vector<FigureList::Figure>& figures, const measure::LayerFigures& layer, bool areOfRun) const;
    void requestWeights();
    void showWeights(const client::WeightsReply& weights);
    void showRank(std::int64_t rank);
    void chooseRank(std::int64_t rank);

    Session& m_session;
    RecipeEditor& m_editor;
    Workbench& m_workbench;
    QWidget* m_sectionsArea;
    QVBoxLayout* m_sectionsLayout;
    std::vector<Section> m_sections;
    QLabel* m_noKnobs;
    PanelHeader* m_weightsHeader;
    FlatTabBar* m_weightsTabs;
    HistogramWidget* m_histogram;
    QLabel* m_codebook; ///< what the marks of the histogram are
    SpectrumWidget* m_spectrum;
    QLabel* m_rank; ///< what the rank that the spectrum shows would make of the layer
    std::optional<client::SpectrumInfo> m_spectrumInfo;
    FigureList* m_figures;
    int m_weightsSerial = 0; ///< an answer for an older selection is dropped
};

} // namespace lathe::views
