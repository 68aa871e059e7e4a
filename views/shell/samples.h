#pragma once

#include <vector>

#include <QString>

#include <core/client/protocol.h>
#include <core/recipe/recipe.h>

namespace lathe::views {

/// A model that Lathe ships: one click opens it with its data and the usual recipe.
struct Sample {
    QString id;          ///< "lenet5"
    QString title;       ///< translated
    QString description; ///< translated
    QString file;        ///< of the model; may be missing in a broken installation
    QString data;        ///< name of the data set
};
[[nodiscard]] std::vector<Sample> samples();

/// Fuse, prune channels, fine-tune, quantize: a good start for convolutional networks. Batch norm is folded where the model has some.
[[nodiscard]] recipe::Recipe usualRecipe(const client::InspectReport& model);

} // namespace lathe::views
