#include <core/engine/sample_views.h>

#include <algorithm>
#include <cmath>

namespace lathe::engine {

namespace {

constexpr std::int64_t maxSide = 128;
constexpr std::int64_t maxLength = 512;

/// Every `step`-th of `size`.
struct Side {
    std::int64_t size = 1, step = 1;
    [[nodiscard]] std::int64_t shown() const { return (size + step - 1) / step; }
};

Side thinned(std::int64_t size, std::int64_t most) { return {size, std::max<std::int64_t>(1, (size + most - 1) / most)}; }

/// A sample of any rank as planes of rows of columns.
struct Layout {
    std::int64_t channels = 1;
    Side height, width;

    explicit Layout(const tensor::Shape& shape) {
        const auto rank = shape.size();
        if (rank >= 1) width.size = shape[rank - 1];
        if (rank >= 2) height.size = shape[rank - 2];
        if (rank >= 3) channels = shape[rank - 3] == 3 ? 3 : 1;
        const bool isRow = height.size == 1;
        height = thinned(height.size, maxSide);
        width = thinned(width.size, isRow ? maxLength : maxSide);
    }
};

client::SampleView viewOf(const std::vector<float>& values, const Layout& layout) {
    client::SampleView view;
    view.shape = {layout.channels, layout.height.shown(), layout.width.shown()};
    const auto isFinite = [](float value) { return std::isfinite(value); };
    bool isFirst = true;
    for (const float value : values) {
        if (!isFinite(value)) continue;
        view.minimum = isFirst ? value : std::min(view.minimum, static_cast<double>(value));
        view.maximum = isFirst ? value : std::max(view.maximum, static_cast<double>(value));
        isFirst = false;
    }
    const double range = view.maximum - view.minimum;
    const std::int64_t area = layout.height.size * layout.width.size;
    for (std::int64_t channel = 0; channel < layout.channels; ++channel) {
        for (std::int64_t row = 0; row < layout.height.size; row += layout.height.step) {
            for (std::int64_t column = 0; column < layout.width.size; column += layout.width.step) {
                const float value = values[static_cast<std::size_t>(channel * area + row * layout.width.size + column)];
                const double share = range > 0 && isFinite(value) ? (value - view.minimum) / range : 0;
                view.levels.push_back(std::lround(share * 255));
            }
        }
    }
    return view;
}

} // namespace

client::SamplesReply sampleViews(const data::Dataset& dataset, std::int64_t first, std::int64_t count) {
    client::SamplesReply reply;
    reply.data = dataset.name();
    reply.shape = dataset.sampleShape();
    reply.classes = dataset.classes();
    reply.trainSamples = dataset.size(data::Split::Train);
    reply.testSamples = dataset.size(data::Split::Test);
    const data::Split split = reply.testSamples > 0 ? data::Split::Test : data::Split::Train;
    const Layout layout(reply.shape);
    for (std::int64_t at = first; at < std::min(first + count, dataset.size(split)); ++at) {
        const tensor::Tensor sample = dataset.samples(split, at, 1);
        reply.dtype = tensor::name(sample.dtype());
        client::SampleView view = viewOf(sample.toFloats(), layout);
        if (dataset.hasClasses()) view.label = dataset.labels(split, at, 1).values<std::int64_t>()[0];
        reply.samples.push_back(std::move(view));
    }
    return reply;
}

} // namespace lathe::engine
