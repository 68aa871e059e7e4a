#pragma once

#include <optional>

#include <QString>

namespace lathe::views {

/// What was chosen for a model when it was open last: each model has a recipe file and data of its own. Kept in the state folder, the
/// hundred models opened last.
class ModelMemory {
public:
    struct Entry {
        QString modelFile, sha256;
        QString recipeFile; ///< "": the recipe was never saved
        QString data;       ///< "": none was chosen
        bool operator==(const Entry&) const = default;
    };

    /// By the path, as long as the content is not known; by the content, also where the file has moved.
    [[nodiscard]] static std::optional<Entry> findFile(const QString& modelFile);
    [[nodiscard]] static std::optional<Entry> findContent(const QString& sha256);
    /// Takes the place of what was known of this file and of this content.
    static void remember(const Entry& entry);
};

} // namespace lathe::views
