#include <core/train/checkpoint.h>

#include <string_view>

#include <core/base/files.h>
#include <core/base/json.h>
#include <core/data/npz.h>

namespace lathe::train {

namespace {

using tensor::Tensor;

constexpr std::string_view weightPrefix = "weight/";
constexpr std::string_view momentumPrefix = "momentum/";

std::string_view bytesOf(const Tensor& tensor) {
    if (tensor.byteCount() == 0) return {};
    return {reinterpret_cast<const char*>(tensor.storage()->bytes().data()) + tensor.byteOffset(),
            static_cast<std::size_t>(tensor.byteCount())};
}

} // namespace

std::string trainingFingerprint(const graph::Graph& graph, const data::Dataset& dataset, const FinetuneOptions& options) {
    const base::Json settings = {{"format", 1},
                                 {"epochs", options.epochs},
                                 {"learning_rate", options.learningRate},
                                 {"momentum", options.momentum},
                                 {"weight_decay", options.weightDecay},
                                 {"batch_size", options.batchSize},
                                 {"seed", options.seed},
                                 {"max_samples", options.maxSamples},
                                 {"device", runtime::text(options.device)},
                                 {"schedule", static_cast<int>(options.schedule)},
                                 {"augmentation", static_cast<int>(options.augmentation)},
                                 {"keep_zeros", options.keepZeros}};
    return base::sha256(settings.dump() + dataset.sha256() + modelFingerprint(graph));
}

std::string modelFingerprint(const graph::Graph& graph) {
    std::string everything = graph::text(graph);
    for (const graph::Value& value : graph.values) {
        if (value.kind == graph::ValueKind::Weight) everything += base::sha256(bytesOf(value.data.contiguous()));
    }
    return base::sha256(everything);
}

base::Result<> writeCheckpoint(const std::filesystem::path& file, const Checkpoint& checkpoint) {
    std::map<std::string, Tensor> arrays;
    for (const auto& [name, weight] : checkpoint.weights) {
        arrays.emplace(std::string(weightPrefix) + name, weight);
    }
    for (const auto& [name, buffer] : checkpoint.momentum) {
        arrays.emplace(std::string(momentumPrefix) + name, buffer);
    }
    arrays.emplace("losses", Tensor::of<double>({static_cast<std::int64_t>(checkpoint.epochLosses.size())}, checkpoint.epochLosses));
    const std::vector<std::uint8_t> fingerprint(checkpoint.fingerprint.begin(), checkpoint.fingerprint.end());
    arrays.emplace("fingerprint", Tensor::of<std::uint8_t>({static_cast<std::int64_t>(fingerprint.size())}, fingerprint));
    return data::writeNpz(file, arrays);
}

std::optional<Checkpoint> readCheckpoint(const std::filesystem::path& file, const std::string& fingerprint) {
    const auto arrays = data::readNpz(file);
    if (!arrays || !arrays->contains("fingerprint") || !arrays->contains("losses")) return std::nullopt;
    Checkpoint checkpoint;
    checkpoint.fingerprint = bytesOf(arrays->at("fingerprint"));
    // What has the right fingerprint was written by us, so the arrays are those that belong to the graph.
    if (checkpoint.fingerprint != fingerprint || arrays->at("losses").dtype() != tensor::DType::Float64) return std::nullopt;
    const auto losses = arrays->at("losses").values<double>();
    checkpoint.epochLosses.assign(losses.begin(), losses.end());
    for (const auto& [name, array] : *arrays) {
        if (name.starts_with(weightPrefix)) checkpoint.weights.emplace(name.substr(weightPrefix.size()), array);
        if (name.starts_with(momentumPrefix)) checkpoint.momentum.emplace(name.substr(momentumPrefix.size()), array);
    }
    return checkpoint;
}

} // namespace lathe::train
