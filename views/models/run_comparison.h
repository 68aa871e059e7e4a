#pragma once

#include <vector>

#include <QString>
#include <QStringList>

#include <core/history/history.h>

namespace lathe::views {

/// Runs side by side: every figure that one of them has, and how far each is from the first, where the two are of one scope.
struct RunComparison {
    struct Figure {
        QString name;
        QStringList values;  ///< one for each run
        QStringList changes; ///< one for each run but the first; a dash where there is none
    };
    QStringList names;    ///< of the runs, in their order
    QStringList verdicts; ///< one sentence for each run but the first: faster or not, not measured together, or why not compared
    std::vector<Figure> figures;
};

/// `runs`: two or more, newest first as the table shows them. The first of the comparison is the original of the others where it is among
/// them, else the oldest.
[[nodiscard]] RunComparison compareRuns(std::vector<history::RunRow> runs);

} // namespace lathe::views
