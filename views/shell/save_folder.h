#pragma once

#include <QString>

namespace lathe::views {

/// Where a save dialog begins for what belongs to this model: the model's folder, or the documents folder where that one is of the program
/// (its samples), cannot be written, or is not known ("").
[[nodiscard]] QString saveFolder(const QString& modelFile);

/// Is this a file that came with the program, which must not be saved over?
[[nodiscard]] bool isShipped(const QString& file);

} // namespace lathe::views
