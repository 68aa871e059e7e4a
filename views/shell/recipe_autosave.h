#pragma once

#include <filesystem>
#include <optional>

#include <QObject>
#include <QTimer>

#include <core/recipe/recipe.h>
#include <views/models/session.h>

namespace lathe::views {

/// Keeps the unsaved recipe in the state folder, in a file of this process, until it is saved or the window is closed. What a process that
/// is gone left behind can be recovered.
class RecipeAutosave : public QObject {
    Q_OBJECT

public:
    struct Recovered {
        std::filesystem::path file;
        QString modelFile;
        recipe::Recipe recipe;
    };

    explicit RecipeAutosave(Session& session, QObject* parent = nullptr);
    /// Now, without waiting for the timer.
    void save();
    /// Nothing unsaved is left.
    void discard();
    /// The newest recipe of a process that did not end properly. Unreadable files are removed.
    [[nodiscard]] static std::optional<Recovered> findAbandoned();

private:
    Session& m_session;
    QTimer m_timer;
};

} // namespace lathe::views
