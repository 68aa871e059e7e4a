#include <views/shell/language.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include <QCoreApplication>
#include <QLibraryInfo>
#include <QLocale>
#include <QTranslator>

namespace lathe::views {

namespace {

QString& current() {
    static QString code = QStringLiteral("en");
    return code;
}

/// The class name that tr() passes is "lathe::views::TopBar", but lupdate of Qt 6.4 does not understand `namespace lathe::views {` and
/// stores "TopBar".
class Translator : public QTranslator {
public:
    [[nodiscard]] QString translate(const char* context, const char* source, const char* disambiguation, int n) const override {
        const QString whole = QTranslator::translate(context, source, disambiguation, n);
        const char* colon = std::strrchr(context, ':');
        return colon && whole.isNull() ? QTranslator::translate(colon + 1, source, disambiguation, n) : whole;
    }
};

bool isKnown(const QString& code) {
    return std::any_of(languages().begin(), languages().end(), [&](const LanguageEntry& entry) { return entry.code == code; });
}

QString desktopLanguage() { return QLocale::system().language() == QLocale::Chinese ? QStringLiteral("zh_CN") : QStringLiteral("en"); }

void install(const QString& name, const QString& folder, std::unique_ptr<QTranslator>& slot) {
    slot = std::make_unique<Translator>(); // The destructor takes the old one out.
    if (slot->load(name, folder)) QCoreApplication::installTranslator(slot.get());
}

} // namespace

const std::vector<LanguageEntry>& languages() {
    static const std::vector<LanguageEntry> entries{{QStringLiteral("en"), QStringLiteral("English")},
                                                    {QStringLiteral("zh_CN"), QStringLiteral("简体中文")}};
    return entries;
}

void applyLanguage(const QString& wanted) {
    static std::unique_ptr<QTranslator> qt, own;
    const QString code = isKnown(wanted) ? wanted : desktopLanguage();
    current() = code;
    // English numbers would be those of the desktop otherwise, in the middle of English sentences.
    QLocale::setDefault(QLocale(code));
    install(QStringLiteral("qtbase_%1").arg(code), QLibraryInfo::path(QLibraryInfo::TranslationsPath), qt);
    install(QStringLiteral("lathe_%1").arg(code), QStringLiteral(":/i18n"), own);
}

QString currentLanguage() { return current(); }

} // namespace lathe::views
