#pragma once

#include <vector>

#include <QString>

namespace lathe::views {

/// What can be written from the window: the formats of models (base::modelFormats()), reports and recipes.
struct ExportFormat {
    QString id;
    QString ending;      ///< of the file, with its dot
    bool isModel = true; ///< written by the engine, and verified
    /// In the language of the window: for menus (& marks a key), for lists, and a sentence on what is written and for whom.
    [[nodiscard]] QString menuTitle() const;
    [[nodiscard]] QString title() const;
    [[nodiscard]] QString purpose() const;

    const char *englishMenuTitle, *englishTitle, *englishPurpose, *context;
};

inline const QString reportFormat = QStringLiteral("report"), recipeFormat = QStringLiteral("recipe");

/// In the order of the menu; lives as long as the process.
[[nodiscard]] const std::vector<ExportFormat>& exportFormats();

/// "*.pt *.pth …": of files that may be models, for file dialogs.
[[nodiscard]] QString modelFilePatterns();

/// "TorchScript (.pt), torch.export (.pt2) or ONNX (.onnx)".
[[nodiscard]] QString modelFormatNames();

} // namespace lathe::views
