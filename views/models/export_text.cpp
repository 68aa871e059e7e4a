#include <views/models/export_text.h>

#include <algorithm>

#include <QCoreApplication>
#include <QFileInfo>

#include <views/models/engine_text.h>
#include <views/models/number_text.h>
#include <views/models/text.h>

namespace lathe::views::export_text {

namespace {

struct ExportText {
    Q_DECLARE_TR_FUNCTIONS(ExportText)
};

const QString missing = QStringLiteral("–");

QString checkLine(const history::ExportCheck& check) {
    if (check.verdict == history::ExportVerdict::NotJudged) return reason(check);
    QStringList parts{verdict(check.verdict)};
    if (check.maxAbsError) parts.append(ExportText::tr("largest difference %1").arg(difference(check)));
    if (check.agreement) parts.append(ExportText::tr("same top-1 %1").arg(percentText(*check.agreement, 2)));
    if (check.loadMs) parts.append(ExportText::tr("loads in %1").arg(milliseconds(check.loadMs)));
    if (!check.reason.empty()) parts.append(engineText(check.reason));
    return ExportText::tr("%1: %2", "judge, what it found").arg(judge(check), parts.join(QStringLiteral(" · ")));
}

} // namespace

QString judge(const history::ExportCheck& check) {
    return check.version.empty() ? toQt(check.judge) : toQt(check.judge) % u' ' % toQt(check.version);
}

QString verdict(history::ExportVerdict verdict) {
    switch (verdict) {
    case history::ExportVerdict::Same:
        return ExportText::tr("✓ the same");
    case history::ExportVerdict::Different:
        return ExportText::tr("✗ different");
    case history::ExportVerdict::NotJudged:
        break;
    }
    return ExportText::tr("– not judged");
}

QString verdict(const std::vector<history::ExportCheck>& checks) {
    using history::ExportVerdict;
    if (checks.empty()) return ExportText::tr("– not verified");
    for (const ExportVerdict found : {ExportVerdict::Different, ExportVerdict::Same}) {
        if (std::ranges::any_of(checks, [found](const history::ExportCheck& check) { return check.verdict == found; }))
            return verdict(found);
    }
    return verdict(ExportVerdict::NotJudged);
}

QString difference(const history::ExportCheck& check) {
    if (!check.maxAbsError) return missing;
    QString absolute = figureText(check.maxAbsError);
    if (!check.maxRelError) return absolute;
    return QStringLiteral("%1 (%2)").arg(absolute, percentText(*check.maxRelError, 2));
}

QString milliseconds(std::optional<double> value) { return value ? microsecondsText(*value * 1000) : missing; }

QString reason(const history::ExportCheck& check) {
    if (check.reason.empty()) return {};
    if (check.verdict == history::ExportVerdict::NotJudged)
        return ExportText::tr("%1 could not judge the file: %2").arg(judge(check), engineText(check.reason));
    return ExportText::tr("%1: %2", "judge, what it found").arg(judge(check), engineText(check.reason));
}

QString summary(const history::ExportedFile& exported) {
    QStringList lines{ExportText::tr("%1 · %2, the original %3")
                          .arg(QFileInfo(toQt(exported.file)).fileName(), bytesText(exported.bytes), bytesText(exported.originalBytes))};
    for (const history::ExportCheck& check : exported.checks)
        lines.append(checkLine(check));
    if (exported.checks.empty()) lines.append(ExportText::tr("not verified"));
    return lines.join(u'\n');
}

} // namespace lathe::views::export_text
