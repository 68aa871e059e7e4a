#include <algorithm>
#include <cmath>
#include <string>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/normal.h>
#include <ATen/ops/where.h>

#include <core/graph/operators/conversion.h>
#include <core/train/augment_torch.h>
#include <core/train/random_order.h>

namespace lathe::train {

namespace {

using base::ErrorCode;
using base::failure;
using Shape = std::vector<std::int64_t>;

/// One random choice for each sample.
at::Tensor chosenSamples(const at::Tensor& samples, std::mt19937_64& random) {
    const at::Tensor chosen = at::empty({samples.size(0)}, at::kBool);
    std::generate_n(chosen.mutable_data_ptr<bool>(), samples.size(0), [&] { return uniform(random) < 0.5; });
    return chosen.to(samples.device());
}

at::Tensor flipped(const at::Tensor& samples, const at::Tensor& chosen) {
    Shape shape(static_cast<std::size_t>(samples.dim()), 1);
    shape[0] = samples.size(0);
    return at::where(chosen.view(shape), samples.flip(-1), samples);
}

/// Each sample moved by its own number of places along `axis` (from the end); `fill` follows.
at::Tensor shifted(const at::Tensor& samples, const std::vector<std::int64_t>& moves, std::int64_t axis, double fill) {
    at::Tensor result = at::full_like(samples, fill);
    const std::int64_t size = samples.size(axis);
    for (std::int64_t sample = 0; sample < samples.size(0); ++sample) {
        const std::int64_t move = std::clamp(moves[static_cast<std::size_t>(sample)], -size, size);
        const std::int64_t kept = size - std::abs(move);
        if (kept == 0) continue;
        result[sample]
            .narrow(axis, std::max<std::int64_t>(move, 0), kept)
            .copy_(samples[sample].narrow(axis, std::max<std::int64_t>(-move, 0), kept));
    }
    return result;
}

/// Beta(α, α) for 0 < α ≤ 1, by Jöhnk's method.
double betaShare(double alpha, std::mt19937_64& random) {
    for (;;) {
        const double a = std::pow(uniform(random), 1 / alpha), b = std::pow(uniform(random), 1 / alpha);
        if (a + b > 0 && a + b <= 1) return a / (a + b);
    }
}

at::Tensor orderTensor(const std::vector<std::int64_t>& order) {
    const at::Tensor tensor = at::empty({static_cast<std::int64_t>(order.size())}, at::kLong);
    std::ranges::copy(order, tensor.mutable_data_ptr<std::int64_t>());
    return tensor;
}

at::Tensor noisy(const at::Tensor& samples, double share, std::mt19937_64& random) {
    const at::Generator generator = at::detail::createCPUGenerator(random());
    const at::Tensor noise = at::normal(0, 1, samples.sizes(), generator).to(samples.options());
    return samples + noise * (samples.std() * share);
}

/// Tokens of other samples at the same place.
at::Tensor withoutTokens(const at::Tensor& tokens, double share, std::mt19937_64& random) {
    const at::Tensor dropped = at::empty(tokens.sizes(), at::kBool);
    std::generate_n(dropped.mutable_data_ptr<bool>(), tokens.numel(), [&] { return uniform(random) < share; });
    const at::Tensor others = tokens.index_select(0, orderTensor(randomOrder(tokens.size(0), random)).to(tokens.device()));
    return at::where(dropped.to(tokens.device()), others, tokens);
}

bool isMap(recipe::Task task, const at::Tensor& labels) { return task == recipe::Task::Segmentation && labels.defined(); }

} // namespace

base::Result<> checkAugmentation(const steps::Augmentation& augmentation, const data::Dataset& dataset) {
    const data::DataInput first = dataset.inputs().front();
    const std::string data = dataset.name(), shape = dataset.sampleText();
    const bool areNumbers = graph::isFloatingPoint(dataset.input(0, data::Split::Train, 0, 1).dtype());
    if (augmentation.tokenDropout > 0 && areNumbers)
        return failure(ErrorCode::Rejected, {"train.noTokensToDrop", {{"data", data}, {"shape", shape}}});
    if ((augmentation.flip || augmentation.shift > 0) && first.shape.empty())
        return failure(ErrorCode::Rejected, {"train.nothingToFlip", {{"data", data}}});
    if (!areNumbers && (augmentation.flip || augmentation.shift > 0 || augmentation.noise > 0 || augmentation.mixup > 0))
        return failure(ErrorCode::Rejected, {"train.noNumbersToAugment", {{"data", data}, {"shape", shape}}});
    if (augmentation.mixup > 0 && !dataset.callShape().hasBatch) return failure(ErrorCode::Rejected, {"train.cannotMix", {}});
    return {};
}

void augment(Batch& batch, const steps::Augmentation& augmentation, recipe::Task task, std::mt19937_64& random) {
    if (augmentation == steps::Augmentation()) return;
    at::Tensor samples = batch.inputs.front().toTensor();
    if (augmentation.flip) {
        const at::Tensor chosen = chosenSamples(samples, random);
        samples = flipped(samples, chosen);
        if (isMap(task, batch.labels)) batch.labels = flipped(batch.labels, chosen);
    }
    if (augmentation.shift > 0) {
        const std::int64_t axes = samples.dim() >= 4 ? 2 : 1;
        for (std::int64_t axis = -axes; axis < 0; ++axis) {
            std::vector<std::int64_t> moves(static_cast<std::size_t>(samples.size(0)));
            std::ranges::generate(moves, [&] {
                return static_cast<std::int64_t>(uniform(random) * static_cast<double>(2 * augmentation.shift + 1)) - augmentation.shift;
            });
            samples = shifted(samples, moves, axis, 0);
            if (isMap(task, batch.labels)) batch.labels = shifted(batch.labels, moves, axis, -1); // what comes in does not count
        }
    }
    if (augmentation.noise > 0) samples = noisy(samples, augmentation.noise, random);
    if (augmentation.tokenDropout > 0) samples = withoutTokens(samples, augmentation.tokenDropout, random);
    if (augmentation.mixup > 0) {
        batch.share = betaShare(augmentation.mixup, random);
        std::vector<std::int64_t> order = randomOrder(batch.count, random);
        const at::Tensor others = orderTensor(order).to(samples.device());
        for (std::int64_t repeated = batch.count; repeated < samples.size(0); ++repeated)
            order.push_back(repeated);
        samples = samples * batch.share + samples.index_select(0, orderTensor(order).to(samples.device())) * (1 - batch.share);
        if (batch.labels.defined()) batch.mixedLabels = batch.labels.index_select(0, others);
    }
    batch.inputs.front() = samples;
}

} // namespace lathe::train
