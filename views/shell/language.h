#pragma once

#include <vector>

#include <QString>

namespace lathe::views {

struct LanguageEntry {
    QString code; ///< "zh_CN"
    QString name; ///< in the language itself
};
[[nodiscard]] const std::vector<LanguageEntry>& languages();

/// Texts and number formats of the whole application; every widget gets QEvent::LanguageChange. "" or an unknown code: the language of the
/// desktop, English when there is no translation.
void applyLanguage(const QString& code);
/// The code in use.
[[nodiscard]] QString currentLanguage();

} // namespace lathe::views
