#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <QAbstractTableModel>
#include <QHash>

#include <core/client/protocol.h>
#include <core/history/figures.h>
#include <core/measure/result.h>
#include <core/steps/step.h>

namespace lathe::views {

/// A share that a step has for all layers and that each may have for itself: the ratio of a step that prunes.
struct LayerSetting {
    QString title;    ///< "Pruned share (step 2)"
    int index = -1;   ///< of the step in the recipe
    std::string key;  ///< "ratio"
    steps::Step step; ///< bound to the layers of the model
    double minimum = 0, maximum = 1;
};

/// The layers of the model as the recipe leaves them: what the preview says, and time and kernel from the last run. After a run the
/// operators without weights are rows too, in the order in which they ran, and the last row is the rest of the call: the times add up to
/// it.
class LayersModel : public QAbstractTableModel {
    Q_OBJECT

public:
    /// Behind them the figures of core/history/figures.h, in their order, and the kernel. Setting: see setSetting().
    enum Column { Name, Operator, Shape, Setting, FirstFigure };
    /// The column of the figure of this name, "p50_us".
    [[nodiscard]] static int columnOf(std::string_view figure);
    [[nodiscard]] static int kernelColumn();
    enum Role {
        SortRole = Qt::UserRole + 1,
        DoubtRole, ///< bool: a time that is not reliable, which says so in its tool tip
        NodeRole,  ///< id of the row's node in drawings; empty for the rest of the call
    };

    explicit LayersModel(QObject* parent = nullptr);

    /// `groups`: what the layers' `group` points into.
    void setLayers(std::vector<client::LayerInfo> layers, std::vector<client::LayerGroup> groups = {});
    /// The optimized side of the last run; without layers when there is none for this model.
    void setMeasured(const measure::ModelResult& result);
    [[nodiscard]] const std::vector<client::LayerInfo>& layers() const { return m_layers; }
    [[nodiscard]] const std::vector<client::LayerGroup>& groups() const { return m_groups; }
    [[nodiscard]] const client::LayerInfo* layer(const QString& name) const;
    /// Nodes that shrink with these layers when their channels are pruned, each once; a layer itself only where another takes it along.
    [[nodiscard]] QStringList coupledWith(const QStringList& layers) const;
    /// The instruction that a node ran as; nullptr when there is none: no run, or it ran within another's.
    [[nodiscard]] const measure::LayerResult* measured(const QString& name) const;
    /// The node within whose instruction this one ran; empty for none.
    [[nodiscard]] QString coveredBy(const QString& name) const;
    /// Were the times taken while the machine was not disturbed?
    [[nodiscard]] bool areTimesReliable() const { return measure::isReliable(m_measured.latency); }
    /// Does the column tell anything of these layers? What only some steps make of a layer (a rank, a codebook) often does not.
    [[nodiscard]] bool isTold(int column) const;
    /// Is it a time, and the times were not?
    [[nodiscard]] bool isDoubtful(const history::Figure& figure) const;
    /// What column Setting shows and wishes to change; nothing: no step has such a number.
    void setSetting(std::optional<LayerSetting> setting);
    [[nodiscard]] const std::optional<LayerSetting>& setting() const { return m_setting; }
    void retranslate();

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
    /// Of column Setting, percent: emits the wish, which recipes carry out.
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;

signals:
    void settingWished(const QString& layer, double share);

private:
    /// A layer with or without its instruction, an instruction without a layer, or (neither) the rest of the call.
    struct Line {
        int layer = -1, result = -1;
        bool operator==(const Line&) const = default;
    };
    [[nodiscard]] std::vector<Line> lines() const;
    void setLines(bool isSameModel);
    [[nodiscard]] const client::LayerInfo* layerAt(const Line& line) const;
    [[nodiscard]] const measure::LayerResult* resultAt(const Line& line) const;
    /// The share that the step has for this line's layer; nothing where it leaves the layer out.
    [[nodiscard]] std::optional<double> settingOf(const Line& line) const;
    [[nodiscard]] QString nameOf(const Line& line) const;
    [[nodiscard]] QVariant text(const Line& line, int column) const;
    [[nodiscard]] QVariant sortKey(const Line& line, int column) const;
    [[nodiscard]] std::optional<double> figure(const Line& line, int column) const;

    std::vector<client::LayerInfo> m_layers;
    std::vector<client::LayerGroup> m_groups;
    QHash<QString, int> m_layerNumbers;
    measure::ModelResult m_measured; ///< only layers and latency
    QHash<QString, int> m_resultNumbers;
    QHash<QString, QString> m_coveredBy;
    std::vector<Line> m_lines;
    std::optional<LayerSetting> m_setting;
};

} // namespace lathe::views
