#include <core/train/checkpoint.h>

#include <string_view>

#include <core/base/files.h>
#include <core/base/json.h>
#include <core/data/npz.h>

namespace lathe::train {

namespace {

using tensor::Tensor;

constexpr std::string_view weightPrefix = "weight/";
constexpr std::string_view statePrefix = "state/";
constexpr std::string_view bestPrefix = "best/";

std::string_view bytesOf(const Tensor& tensor) {
    if (tensor.byteCount() == 0) return {};
    return {reinterpret_cast<const char*>(tensor.storage()->bytes().data()) + tensor.byteOffset(),
            static_cast<std::size_t>(tensor.byteCount())};
}

} // namespace

std::map<std::string, tensor::Tensor> weightsOf(const graph::Graph& graph) {
    std::map<std::string, tensor::Tensor> weights;
    for (const graph::Value& value : graph.values) {
        if (value.kind == graph::ValueKind::Weight) weights.emplace(value.name, value.data);
    }
    return weights;
}

std::string trainingFingerprint(const graph::Graph& graph, const data::Dataset& dataset, const FinetuneOptions& options) {
    const steps::Augmentation& augmentation = options.augmentation;
    const steps::Distillation& distillation = options.distillation;
    const base::Json settings = {
        {"format", 4},
        {"epochs", options.epochs},
        {"learning_rate", options.learningRate},
        {"momentum", options.momentum},
        {"weight_decay", options.weightDecay},
        {"batch_size", options.batchSize},
        {"seed", options.seed},
        {"max_samples", options.maxSamples},
        {"device", runtime::text(options.device)},
        {"optimizer", {static_cast<int>(options.optimizer), options.nesterov}},
        {"schedule", {static_cast<int>(options.schedule), options.warmUp}},
        {"loss", {static_cast<int>(options.loss), options.labelSmoothing, options.balancesClasses, options.classWeights}},
        {"gradients", {options.clipNorm, options.accumulate, options.ema}},
        {"batch_norm", static_cast<int>(options.batchNorm)},
        {"precision", static_cast<int>(options.precision)},
        {"augmentation", {augmentation.flip, augmentation.shift, augmentation.noise, augmentation.mixup, augmentation.tokenDropout}},
        {"validation", {options.validation, options.patience}},
        {"distillation",
         {distillation.weight, distillation.temperature, static_cast<int>(distillation.outputs), static_cast<int>(distillation.features),
          distillation.featureWeight}},
        {"frozen", options.frozen},
        {"evaluation", recipe::toJson(options.evaluation)},
        {"keep_zeros", options.keepZeros}};
    const std::string teacher = distillation.isOn() && options.teacher ? modelFingerprint(*options.teacher) : "";
    return base::sha256(settings.dump() + dataset.sha256() + modelFingerprint(graph) + teacher);
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
    for (const auto& [name, tensor] : checkpoint.state)
        arrays.emplace(std::string(statePrefix) + name, tensor);
    for (const auto& [name, weight] : checkpoint.best)
        arrays.emplace(std::string(bestPrefix) + name, weight);
    const auto numbers = [](const std::vector<double>& values) {
        return Tensor::of<double>({static_cast<std::int64_t>(values.size())}, values);
    };
    for (const steps::TrainingCurvePart& part : steps::trainingCurveParts)
        arrays.emplace(part.name, numbers(checkpoint.curve.*part.values));
    const std::vector<std::uint8_t> fingerprint(checkpoint.fingerprint.begin(), checkpoint.fingerprint.end());
    arrays.emplace("fingerprint", Tensor::of<std::uint8_t>({static_cast<std::int64_t>(fingerprint.size())}, fingerprint));
    return data::writeNpz(file, arrays);
}

std::optional<Checkpoint> readCheckpoint(const std::filesystem::path& file, const std::string& fingerprint) {
    const auto arrays = data::readNpz(file);
    if (!arrays || !arrays->contains("fingerprint")) return std::nullopt;
    Checkpoint checkpoint;
    checkpoint.fingerprint = bytesOf(arrays->at("fingerprint"));
    // What has the right fingerprint was written by us, so the arrays are those that belong to the graph.
    if (checkpoint.fingerprint != fingerprint) return std::nullopt;
    for (const steps::TrainingCurvePart& part : steps::trainingCurveParts) {
        const auto found = arrays->find(std::string(part.name));
        if (found == arrays->end() || found->second.dtype() != tensor::DType::Float64) return std::nullopt;
        const auto numbers = found->second.values<double>();
        (checkpoint.curve.*part.values).assign(numbers.begin(), numbers.end());
    }
    for (const auto& [name, array] : *arrays) {
        if (name.starts_with(weightPrefix)) checkpoint.weights.emplace(name.substr(weightPrefix.size()), array);
        if (name.starts_with(statePrefix)) checkpoint.state.emplace(name.substr(statePrefix.size()), array);
        if (name.starts_with(bestPrefix)) checkpoint.best.emplace(name.substr(bestPrefix.size()), array);
    }
    return checkpoint;
}

} // namespace lathe::train
