#pragma once

#include <string>
#include <vector>

#include <QString>
#include <QStringList>

namespace lathe::views {

/// One input of a model, read from its signature in the import report: "tokens: int64[batch,seq]".
struct InputSignature {
    QString name, dtype; ///< dtype empty: unknown
    QStringList sizes;   ///< numbers, names of free sizes, or "?" where even the name is unknown
    bool isShapeKnown = false;

    /// How a free size is called in `random:NAME=…`: by its name, or "x.2" for the third dimension of x; empty for a fixed one.
    [[nodiscard]] QString sizeName(int dimension) const;
    /// The one that is called after the batch, else the first.
    [[nodiscard]] int batchDimension() const;
};
[[nodiscard]] InputSignature readSignature(const std::string& signature);

} // namespace lathe::views
