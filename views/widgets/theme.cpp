#include <views/widgets/theme.h>

#include <algorithm>
#include <vector>

#include <QApplication>
#include <QFile>
#include <QStyle>
#include <QStyleFactory>

#include <views/widgets/accessibility.h>

static void initResources() { Q_INIT_RESOURCE(lathe); }

namespace lathe::views {

namespace {

QPalette paletteOf(const ThemeColors& colors) {
    QPalette palette;
    palette.setColor(QPalette::Window, colors.window);
    palette.setColor(QPalette::WindowText, colors.text);
    palette.setColor(QPalette::Base, colors.window);
    palette.setColor(QPalette::AlternateBase, colors.canvas);
    palette.setColor(QPalette::Text, colors.text);
    palette.setColor(QPalette::PlaceholderText, colors.muted);
    palette.setColor(QPalette::Button, colors.window);
    palette.setColor(QPalette::ButtonText, colors.text);
    palette.setColor(QPalette::BrightText, colors.bad);
    palette.setColor(QPalette::ToolTipBase, colors.window);
    palette.setColor(QPalette::ToolTipText, colors.text);
    palette.setColor(QPalette::Highlight, colors.accent);
    palette.setColor(QPalette::HighlightedText, colors.accentText);
    palette.setColor(QPalette::Link, colors.accent);
    palette.setColor(QPalette::LinkVisited, colors.accent);
    palette.setColor(QPalette::Light, colors.hover);
    palette.setColor(QPalette::Midlight, colors.line);
    palette.setColor(QPalette::Mid, colors.border);
    palette.setColor(QPalette::Dark, colors.scroll);
    palette.setColor(QPalette::Shadow, colors.border);
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        palette.setColor(QPalette::Disabled, role, colors.disabled);
    }
    palette.setColor(QPalette::Disabled, QPalette::Highlight, colors.chip);
    return palette;
}

QString styleSheet(const ThemeColors& colors, bool dark) {
    QFile file(QStringLiteral(":/themes/lathe.qss"));
    if (!file.open(QIODevice::ReadOnly)) return {};
    QString sheet = QString::fromUtf8(file.readAll());
    std::vector<std::pair<QString, QString>> values{
        {QStringLiteral("window"), colors.window.name()},
        {QStringLiteral("border"), colors.border.name()},
        {QStringLiteral("line"), colors.line.name()},
        {QStringLiteral("text"), colors.text.name()},
        {QStringLiteral("muted"), colors.muted.name()},
        {QStringLiteral("disabled"), colors.disabled.name()},
        {QStringLiteral("accent"), colors.accent.name()},
        {QStringLiteral("accentHover"), colors.accentHover.name()},
        {QStringLiteral("accentText"), colors.accentText.name()},
        {QStringLiteral("selection"), colors.selection.name()},
        {QStringLiteral("hover"), colors.hover.name()},
        {QStringLiteral("chip"), colors.chip.name()},
        {QStringLiteral("field"), colors.field.name()},
        {QStringLiteral("good"), colors.good.name()},
        {QStringLiteral("bad"), colors.bad.name()},
        {QStringLiteral("scroll"), colors.scroll.name()},
        {QStringLiteral("warningFill"), colors.warningFill.name()},
        {QStringLiteral("chevron"), dark ? QStringLiteral(":/icons/chevron-dark.svg") : QStringLiteral(":/icons/chevron-light.svg")},
    };
    // Longer names first: @accent is the beginning of @accentText.
    std::sort(values.begin(), values.end(), [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
    for (const auto& [name, value] : values)
        sheet.replace(u'@' % name, value);
    return sheet;
}

QPalette systemPalette() {
    // Without our own palette the application has the desktop's.
    QApplication::setPalette(QPalette());
    return QApplication::palette();
}

} // namespace

const ThemeColors& lightColors() {
    static const ThemeColors colors{.window = QColor(0xffffff),
                                    .canvas = QColor(0xfafafa),
                                    .border = QColor(0xd9dce1),
                                    .line = QColor(0xe9ebee),
                                    .text = QColor(0x1b1f24),
                                    .muted = QColor(0x626a76),
                                    .disabled = QColor(0xa3aab4),
                                    .accent = QColor(0x2f6fe0),
                                    .accentHover = QColor(0x2560c9),
                                    .accentText = QColor(0xffffff),
                                    .selection = QColor(0xe3edfc),
                                    .hover = QColor(0xf2f4f7),
                                    .chip = QColor(0xebedf1),
                                    .field = QColor(0xffffff),
                                    .good = QColor(0x137a43),
                                    .bad = QColor(0xc2410c),
                                    .mark = QColor(0xd9692c),
                                    .scroll = QColor(0xc3c8d0),
                                    .warningFill = QColor(0xfff4dd)};
    return colors;
}

const ThemeColors& darkColors() {
    static const ThemeColors colors{.window = QColor(0x24282e),
                                    .canvas = QColor(0x1f2226),
                                    .border = QColor(0x3b4048),
                                    .line = QColor(0x31363d),
                                    .text = QColor(0xe6e9ee),
                                    .muted = QColor(0x9ca4af),
                                    .disabled = QColor(0x69717c),
                                    .accent = QColor(0x6aa0ff),
                                    .accentHover = QColor(0x86b2ff),
                                    .accentText = QColor(0x10151c),
                                    .selection = QColor(0x2b3a57),
                                    .hover = QColor(0x2f343b),
                                    .chip = QColor(0x3a4048),
                                    .field = QColor(0x1d2024),
                                    .good = QColor(0x4cc38a),
                                    .bad = QColor(0xf28b4b),
                                    .mark = QColor(0xf0995c),
                                    .scroll = QColor(0x4c535d),
                                    .warningFill = QColor(0x40351f)};
    return colors;
}

bool isDark(const QPalette& palette) {
    return palette.color(QPalette::Window).lightness() < palette.color(QPalette::WindowText).lightness();
}

const ThemeColors& themeColors(const QPalette& palette) { return isDark(palette) ? darkColors() : lightColors(); }

void applyTheme(ThemeChoice choice) {
    initResources();
    installAccessibleNames();
    const bool dark = choice == ThemeChoice::Dark || (choice == ThemeChoice::System && isDark(systemPalette()));
    const ThemeColors& colors = dark ? darkColors() : lightColors();
    if (QApplication::style()->name() != QLatin1String("fusion")) QApplication::setStyle(QStyleFactory::create(QStringLiteral("fusion")));
    QApplication::setPalette(paletteOf(colors));
    qApp->setStyleSheet(styleSheet(colors, dark));
}

QString themeName(ThemeChoice choice) {
    switch (choice) {
    case ThemeChoice::Light:
        return QStringLiteral("light");
    case ThemeChoice::Dark:
        return QStringLiteral("dark");
    case ThemeChoice::System:
        break;
    }
    return QStringLiteral("system");
}

ThemeChoice themeFromName(const QString& name) {
    if (name == QLatin1String("light")) return ThemeChoice::Light;
    if (name == QLatin1String("dark")) return ThemeChoice::Dark;
    return ThemeChoice::System;
}

} // namespace lathe::views
