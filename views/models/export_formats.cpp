#include <views/models/export_formats.h>

#include <QCoreApplication>
#include <QStringList>

#include <core/base/model_formats.h>
#include <views/models/text.h>

namespace lathe::views {

namespace {

struct ExportFormats {
    Q_DECLARE_TR_FUNCTIONS(lathe::views::ExportFormats)
};

constexpr const char* ownContext = "lathe::views::ExportFormats";
constexpr const char* coreContext = "ModelFormat";

} // namespace

QString ExportFormat::menuTitle() const { return QCoreApplication::translate(context, englishMenuTitle); }
QString ExportFormat::title() const { return QCoreApplication::translate(context, englishTitle); }
QString ExportFormat::purpose() const { return QCoreApplication::translate(context, englishPurpose); }

const std::vector<ExportFormat>& exportFormats() {
    static const std::vector<ExportFormat> formats = [] {
        std::vector<ExportFormat> all;
        for (const base::ModelFormat& format : base::modelFormats())
            all.push_back({toQt(format.id), toQt(format.endings.front()), true, format.menu, format.title, format.purpose, coreContext});
        all.push_back({reportFormat, QStringLiteral(".html"), false, QT_TRANSLATE_NOOP("lathe::views::ExportFormats", "&HTML Report…"),
                       QT_TRANSLATE_NOOP("lathe::views::ExportFormats", "HTML report"),
                       QT_TRANSLATE_NOOP("lathe::views::ExportFormats",
                                         "The selected runs, or else the last comparison, in one file that any browser shows."),
                       ownContext});
        all.push_back({recipeFormat, QStringLiteral(".json"), false, QT_TRANSLATE_NOOP("lathe::views::ExportFormats", "&Recipe…"),
                       QT_TRANSLATE_NOOP("lathe::views::ExportFormats", "Recipe"),
                       QT_TRANSLATE_NOOP("lathe::views::ExportFormats", "The steps as a JSON file, for this window and lathe-cli run."),
                       ownContext});
        return all;
    }();
    return formats;
}

QString modelFilePatterns() {
    QStringList patterns;
    for (const base::ModelFormat& format : base::modelFormats()) {
        for (const std::string_view ending : format.endings)
            patterns.append(u'*' % toQt(ending));
    }
    return patterns.join(u' ');
}

QString modelFormatNames() {
    QStringList names;
    for (const base::ModelFormat& format : base::modelFormats())
        names.append(QCoreApplication::translate(coreContext, format.name));
    const QString last = names.takeLast();
    //: The last of a list: "TorchScript, torch.export or ONNX"
    return names.isEmpty() ? last : ExportFormats::tr("%1 or %2").arg(names.join(ExportFormats::tr(", ", "between names")), last);
}

} // namespace lathe::views
