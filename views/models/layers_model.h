#pragma once

#include <optional>
#include <vector>

#include <QAbstractTableModel>
#include <QHash>

#include <core/client/protocol.h>
#include <core/measure/result.h>

namespace lathe::views {

/// The layers of the model as the recipe leaves them: what the preview says, and time and kernel from the last run.
class LayersModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Name, Operator, Shape, Parameters, Macs, Bits, Sparsity, Loss, Sqnr, Time, Kernel, ColumnCount };
    enum Role { SortRole = Qt::UserRole + 1 };

    explicit LayersModel(QObject* parent = nullptr);

    /// `groups`: what the layers' `group` points into.
    void setLayers(std::vector<client::LayerInfo> layers, std::vector<client::LayerGroup> groups = {});
    /// Results of the last run by layer name; empty when there is none for this model.
    void setMeasured(const std::vector<measure::LayerResult>& layers);
    [[nodiscard]] const std::vector<client::LayerInfo>& layers() const { return m_layers; }
    [[nodiscard]] const std::vector<client::LayerGroup>& groups() const { return m_groups; }
    [[nodiscard]] const client::LayerInfo* layer(const QString& name) const;
    /// Nodes that shrink with these layers when their channels are pruned, each once; a layer itself only where another takes it along.
    [[nodiscard]] QStringList coupledWith(const QStringList& layers) const;
    [[nodiscard]] const measure::LayerResult* measured(const QString& name) const;
    void retranslate();

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    [[nodiscard]] QVariant text(const client::LayerInfo& layer, int column) const;
    [[nodiscard]] QVariant sortKey(const client::LayerInfo& layer, int column) const;

    std::vector<client::LayerInfo> m_layers;
    std::vector<client::LayerGroup> m_groups;
    QHash<QString, int> m_rows;
    QHash<QString, measure::LayerResult> m_measured;
};

} // namespace lathe::views
