#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include <QObject>
#include <QTimer>

#include <core/base/file_lock.h>
#include <core/recipe/recipe.h>
#include <views/models/session.h>

namespace lathe::views {

/// Keeps the unsaved recipe in the state folder until it is saved or the window is closed, in a file of its own beside which this process
/// holds a lock. What has no such lock any more was left behind by a process that is gone, and can be recovered.
class RecipeAutosave : public QObject {
    Q_OBJECT

public:
    struct Recovered {
        std::filesystem::path file;
        QString modelFile;
        recipe::Recipe recipe;
        std::shared_ptr<base::FileLock> lock; ///< while it is held no other window offers the same
    };

    explicit RecipeAutosave(Session& session, QObject* parent = nullptr);
    ~RecipeAutosave() override;
    /// Now, without waiting for the timer.
    void save();
    /// Nothing unsaved is left.
    void discard();
    /// The newest recipe of a process that did not end properly. Unreadable files are removed.
    [[nodiscard]] static std::optional<Recovered> findAbandoned();
    /// It was recovered, or is not wanted.
    static void forget(const Recovered& recovered);

private:
    Session& m_session;
    QTimer m_timer;
    std::filesystem::path m_file;
    std::unique_ptr<base::FileLock> m_lock; ///< from the first save on
};

} // namespace lathe::views
