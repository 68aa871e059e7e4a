#pragma once

#include <QHash>
#include <QString>
#include <QStringList>

#include <views/models/session.h>

namespace lathe::views {

/// What a step that removes channels takes, before anything is cut.
struct PruneReach {
    QStringList shrinking;           ///< nodes whose weights get smaller, those of one group one behind the other
    QHash<QString, QString> staying; ///< layers that keep their channels: why, one sentence
};
/// Of step `step` of the session's recipe, by the last preview. Empty for other steps, and while there is no preview.
[[nodiscard]] PruneReach pruneReach(Session& session, int step);

} // namespace lathe::views
