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

/// The folder of what Lathe ships.
[[nodiscard]] QString resourceFolder();

/// A good start for a model of this kind. Convolutional networks: fuse (batch norm where there is some), prune channels, fine-tune,
/// quantize with calibrated ranges; pruning and fine-tuning are switched off where there is nothing to train on. Transformers, recurrent
/// networks and what looks up tables: dynamic int8, which needs no data, and no pruning.
[[nodiscard]] recipe::Recipe usualRecipe(const client::InspectReport& model, bool hasTrainingData);

/// The first available built-in data whose samples the model takes, by the shape of its only input; "" when there is none.
[[nodiscard]] QString fittingData(const std::vector<client::DataEntry>& builtin, const client::OpenReply& model);

} // namespace lathe::views
