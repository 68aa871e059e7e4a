#pragma once

#include <QSortFilterProxyModel>

namespace lathe::views {

/// Sorts the layer table by its numbers and keeps the layers whose name fits a pattern: `layer*.conv?` with * and ? as in recipes, or any
/// part of a name.
class LayerFilter : public QSortFilterProxyModel {
    Q_OBJECT

public:
    explicit LayerFilter(QObject* parent = nullptr);
    void setPattern(const QString& pattern);
    [[nodiscard]] const QString& pattern() const { return m_pattern; }

protected:
    [[nodiscard]] bool filterAcceptsRow(int sourceRow, const QModelIndex& sourceParent) const override;

private:
    QString m_pattern;
};

/// The rule of the filter, for other views that select by name.
[[nodiscard]] bool layerFitsPattern(const QString& pattern, const QString& layer);
/// What is typed as a pattern of whole names: "fc" becomes "*fc*".
[[nodiscard]] QString wholePattern(const QString& pattern);

} // namespace lathe::views
