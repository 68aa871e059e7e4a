#pragma once

#include <string>

#include <QString>
#include <QStringList>

namespace lathe::views {

/// A sentence of the engine (a note on a step, why a kernel was chosen, what a judge found) in the language of the window. core writes
/// English; the sentences that users meet are known here with their places for names and numbers. Others stay as they are.
[[nodiscard]] QString engineText(const QString& sentence);
[[nodiscard]] QString engineText(const std::string& sentence);

/// The sentences that are known, in English, with %1, %2 … as places; for tests.
[[nodiscard]] QStringList knownEngineSentences();

} // namespace lathe::views
