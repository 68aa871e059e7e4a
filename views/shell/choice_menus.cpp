#include <views/shell/choice_menus.h>

#include <functional>

#include <QActionGroup>
#include <QFileDialog>

#include <views/dialogs/data_preview_dialog.h>
#include <views/dialogs/random_input_dialog.h>
#include <views/models/engine_text.h>
#include <views/models/export_formats.h>
#include <views/models/text.h>
#include <views/shell/language.h>
#include <views/widgets/theme.h>

namespace lathe::views {

namespace {

struct Choice {
    QString title;
    bool isChosen = false;
    std::function<void()> choose;
};

/// An entry for each; the titles are texts in which & means a key.
void fillWith(QMenu* menu, const std::vector<Choice>& choices) {
    menu->clear();
    auto* group = new QActionGroup(menu);
    for (const Choice& choice : choices) {
        QAction* action = menu->addAction(choice.title);
        action->setCheckable(true);
        action->setChecked(choice.isChosen);
        group->addAction(action);
        QObject::connect(action, &QAction::triggered, menu, choice.choose);
    }
}

/// A name in which & is a letter like any other.
QString asTitle(QString name) { return name.replace(u'&', QStringLiteral("&&")); }

} // namespace

ChoiceMenus::ChoiceMenus(ActionRegistry& actions, Session& session, RecipeEditor& editor, Workbench& workbench, RecentFiles& recent,
                         Settings& settings, QWidget* window)
    : QObject(window), m_actions(actions), m_session(session), m_editor(editor), m_workbench(workbench), m_recent(recent),
      m_settings(settings), m_window(window) {
    for (const auto change : {&Session::engineChanged, &Session::choicesChanged, &Session::modelChanged})
        connect(&session, change, this, &ChoiceMenus::fillOfSession);
    connect(&recent, &RecentFiles::changed, this, &ChoiceMenus::fillRecent);
}

void ChoiceMenus::fill() {
    fillOfSession();
    fillRecent();
    fillThemes();
    fillLanguages();
}

void ChoiceMenus::fillOfSession() {
    std::vector<Choice> data, devices;
    if (m_session.engine()) {
        for (const client::DataEntry& entry : m_session.engine()->data) {
            const QString name = toQt(entry.name);
            data.push_back({asTitle(entry.description.empty() ? name : engineText(entry.description)), name == m_session.data(),
                            [this, name] { m_session.setData(name); }});
        }
        for (const client::DeviceEntry& entry : m_session.engine()->devices) {
            const QString device = toQt(entry.device);
            devices.push_back({asTitle(device % QStringLiteral(" · ") % toQt(entry.name)), device == m_session.device(),
                               [this, device] { m_session.setDevice(device); }});
        }
    }
    fillWith(m_actions.menu(u"data"), data);
    fillWith(m_actions.menu(u"device"), devices);
    addDataActions(m_actions.menu(u"data"));
    fillExports();
}

void ChoiceMenus::addDataActions(QMenu* menu) {
    connect(menu->addAction(tr("Choose a File…")), &QAction::triggered, this, &ChoiceMenus::chooseDataFile);
    connect(menu->addAction(tr("Choose a Folder…")), &QAction::triggered, this, [this] {
        const QString folder = QFileDialog::getExistingDirectory(m_window, tr("Choose Data"));
        if (!folder.isEmpty()) m_session.setData(folder);
    });
    QAction* random = menu->addAction(tr("Random &Input…"));
    random->setEnabled(m_session.model().has_value());
    connect(random, &QAction::triggered, this, [this] {
        if (!m_session.model()) return;
        RandomInputDialog dialog(m_session.model()->report.inputs, m_session.data(), m_window);
        if (dialog.exec() == QDialog::Accepted) m_session.setData(dialog.data());
    });
    QAction* look = menu->addAction(tr("&Preview…"));
    look->setEnabled(!m_session.data().isEmpty() && m_session.engine().has_value());
    connect(look, &QAction::triggered, this, [this] { DataPreviewDialog(m_session, m_editor, m_workbench, m_window).exec(); });
}

void ChoiceMenus::chooseDataFile() {
    const QString file =
        QFileDialog::getOpenFileName(m_window, tr("Choose Data"), {}, tr("Data (*.npz *.csv *.tsv *-ubyte *.gz);;All files (*)"));
    if (!file.isEmpty()) m_session.setData(file);
}

void ChoiceMenus::fillExports() {
    QMenu* menu = m_actions.menu(u"export");
    menu->clear();
    for (const ExportFormat& format : exportFormats())
        connect(menu->addAction(format.menuTitle()), &QAction::triggered, this, [this, id = format.id] { emit exportChosen(id); });
    menu->actions().constFirst()->setShortcut(QKeySequence(QStringLiteral("Ctrl+E")));
}

void ChoiceMenus::fillRecent() {
    QMenu* menu = m_actions.menu(u"recent");
    menu->clear();
    const QStringList files = m_recent.files();
    for (const QString& file : files) {
        QAction* action = menu->addAction(asTitle(file));
        action->setShortcut(QKeySequence(QStringLiteral("Ctrl+%1").arg(menu->actions().size())));
        connect(action, &QAction::triggered, this, [this, file] { emit fileChosen(file); });
    }
    if (files.isEmpty()) menu->addAction(tr("Nothing yet"))->setEnabled(false);
    menu->addSeparator();
    connect(menu->addAction(tr("Clear List")), &QAction::triggered, &m_recent, &RecentFiles::clear);
}

void ChoiceMenus::fillThemes() {
    std::vector<Choice> choices;
    for (const auto& [theme, title] : {std::pair(ThemeChoice::System, tr("As the &Desktop")), std::pair(ThemeChoice::Light, tr("&Light")),
                                       std::pair(ThemeChoice::Dark, tr("&Dark"))}) {
        choices.push_back({title, m_settings.theme == theme, [this, theme = theme] {
                               m_settings.theme = theme;
                               applyTheme(theme);
                           }});
    }
    fillWith(m_actions.menu(u"theme"), choices);
}

void ChoiceMenus::fillLanguages() {
    std::vector<Choice> choices;
    for (const LanguageEntry& language : languages()) {
        choices.push_back({language.name, language.code == currentLanguage(), [this, code = language.code] {
                               m_settings.language = code;
                               applyLanguage(code);
                           }});
    }
    fillWith(m_actions.menu(u"language"), choices);
}

} // namespace lathe::views
