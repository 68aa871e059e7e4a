#pragma once

#include <optional>
#include <vector>

#include <QObject>
#include <QStringList>

#include <core/history/scope.h>

namespace lathe::views {

/// The scope of comparison that the table of runs and the charts show: that of what is open in the window, until the user chooses another
/// one. Opening another model, or choosing other data or another device, follows again.
class RunScopes : public QObject {
    Q_OBJECT

public:
    /// What is open in the window.
    struct Open {
        QString modelSha256, modelName; ///< empty: no model
        QString data;                   ///< as the user chose it: a name, a file, a folder
        QString device;
        int threads = 0; ///< 0: unknown
        bool operator==(const Open&) const = default;
    };
    /// One line of the selector.
    struct Entry {
        std::optional<history::Scope> scope; ///< nothing: all runs
        QString title, toolTip;
        bool hasRuns = true; ///< false: the open model, which was not compared yet
        bool operator==(const Entry&) const = default;
    };

    using QObject::QObject;

    /// Newest first.
    void setRuns(const std::vector<history::RunRow>& runs);
    /// Threads that are not known (the engine is not there) stay what they were.
    void follow(Open open);
    /// What is open was compared: its scope is shown again, whatever was chosen.
    void followAgain();
    void choose(int entry);

    /// Scopes in the order of their newest run, after the open model when it has none; all runs as the last.
    [[nodiscard]] const std::vector<Entry>& entries() const { return m_entries; }
    [[nodiscard]] int current() const { return m_showsAll ? static_cast<int>(m_entries.size()) - 1 : m_current; }
    /// Is there something to choose: runs that are not of the scope shown by default?
    [[nodiscard]] bool hasChoice() const { return m_entries.size() > 2; }
    /// What figures are compared in; also while all runs are shown. Nothing while there are no runs.
    [[nodiscard]] std::optional<history::Scope> scope() const;
    /// Runs of other scopes are shown too, apart.
    [[nodiscard]] bool showsAll() const { return m_showsAll; }
    [[nodiscard]] const Entry* entryOf(const history::Scope& scope) const;
    void retranslate() { rebuild(); }

Q_SIGNALS:
    /// Another scope is shown, or other scopes can be chosen.
    void changed();

private:
    void rebuild();
    [[nodiscard]] int followed() const;

    std::vector<history::Scope> m_scopes;
    std::vector<Entry> m_entries;
    Open m_open;
    std::optional<history::Scope> m_chosen; ///< nothing: follow
    bool m_showsAll = false, m_showedAll = false;
    int m_current = 0;
};

/// What a scope is called among `all`: model and data, and of the rest what tells it from others of the same model and data.
[[nodiscard]] QString scopeTitle(const history::Scope& scope, const std::vector<history::Scope>& all);
/// Why runs of the two are not compared, in the language of the window: "different data: fashion-mnist and digits". Empty when they are.
[[nodiscard]] QString whyNotComparedText(const history::Scope& a, const history::Scope& b);

} // namespace lathe::views
