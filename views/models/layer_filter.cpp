#include <views/models/layer_filter.h>

#include <core/graph/layers.h>
#include <views/models/layers_model.h>
#include <views/models/text.h>

namespace lathe::views {

LayerFilter::LayerFilter(QObject* parent) : QSortFilterProxyModel(parent) { setSortRole(LayersModel::SortRole); }

void LayerFilter::setPattern(const QString& pattern) {
    if (pattern == m_pattern) return;
    m_pattern = pattern;
    invalidateFilter();
}

bool LayerFilter::filterAcceptsRow(int sourceRow, const QModelIndex& sourceParent) const {
    const QModelIndex name = sourceModel()->index(sourceRow, LayersModel::Name, sourceParent);
    return layerFitsPattern(m_pattern, name.data().toString());
}

QString wholePattern(const QString& pattern) {
    const bool isWhole = pattern.contains(u'*') || pattern.contains(u'?');
    return isWhole ? pattern : u'*' % pattern % u'*';
}

bool layerFitsPattern(const QString& pattern, const QString& layer) {
    const QString trimmed = pattern.trimmed();
    if (trimmed.isEmpty()) return true;
    if (wholePattern(trimmed) != trimmed) return layer.contains(trimmed, Qt::CaseInsensitive);
    return graph::matchesPattern(toStd(trimmed), toStd(layer));
}

} // namespace lathe::views
