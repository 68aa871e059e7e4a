#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <QString>
#include <QStringList>

namespace lathe::views {

/// Core speaks UTF-8 in std::string, the window QString. Broken UTF-8 becomes replacement characters.
[[nodiscard]] inline QString toQt(std::string_view text) { return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())); }
[[nodiscard]] inline std::string toStd(const QString& text) { return text.toStdString(); }

[[nodiscard]] inline QStringList toQt(const std::vector<std::string>& texts) {
    QStringList list;
    list.reserve(static_cast<qsizetype>(texts.size()));
    for (const std::string& text : texts)
        list.append(toQt(text));
    return list;
}
[[nodiscard]] inline std::vector<std::string> toStd(const QStringList& texts) {
    std::vector<std::string> list;
    list.reserve(static_cast<std::size_t>(texts.size()));
    for (const QString& text : texts)
        list.push_back(toStd(text));
    return list;
}

/// Qt takes a tool tip for HTML when it looks like it: this one is shown as it is, line by line.
[[nodiscard]] inline QString plainToolTip(const QString& text) {
    return text.isEmpty() ? QString() : QStringLiteral("<qt>%1</qt>").arg(text.toHtmlEscaped().replace(u'\n', QStringLiteral("<br>")));
}

} // namespace lathe::views
