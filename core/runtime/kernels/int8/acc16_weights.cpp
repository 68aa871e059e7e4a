#include <core/runtime/kernels/int8/acc16_weights.h>

#include <algorithm>
#include <array>

#include <core/runtime/kernels/int8/acc16_range.h>

namespace lathe::runtime {

namespace {

constexpr std::size_t lanes = 32; ///< of 16 bits, of two vectors; two for each channel
constexpr std::size_t mostOpenChains = 32;

/// Four inputs of all channels of a block.
struct Step {
    std::int64_t offsetInRow = 0, kernelRow = 0;
    std::array<std::int8_t, 2 * lanes> weights{};
    std::array<std::int16_t, lanes> magnitudes{};
};

struct Chain {
    std::vector<const Step*> steps;
    std::array<std::int16_t, lanes> magnitudes{};
};

acc16::Magnitudes magnitudesOf(const Step& step, std::size_t lane) {
    acc16::Magnitudes magnitudes;
    magnitudes.add(step.weights[2 * lane], step.weights[2 * lane + 1]);
    return magnitudes;
}

void measure(Step& step) {
    for (std::size_t lane = 0; lane < lanes; ++lane)
        step.magnitudes[lane] = static_cast<std::int16_t>(magnitudesOf(step, lane).total());
}

/// As it is, or as two whose weights add up to its own; nothing where all are zero.
void addStep(Step step, int largestInput, std::vector<Step>& steps) {
    if (std::ranges::all_of(step.weights, [](std::int8_t weight) { return weight == 0; })) return;
    if (acc16::maySaturate(step.weights, largestInput)) {
        Step half = step;
        acc16::halve(step.weights, half.weights);
        measure(half);
        steps.push_back(half);
    }
    measure(step);
    steps.push_back(step);
}

/// The largest lane of both.
std::int16_t fullest(const std::array<std::int16_t, lanes>& one, const std::array<std::int16_t, lanes>& other) {
    std::int16_t largest = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane)
        largest = std::max(largest, static_cast<std::int16_t>(one[lane] + other[lane]));
    return largest;
}

/// Bin packing, best fit decreasing: each step goes to the fullest chain that has room for it.
std::vector<Chain> chainsOf(std::vector<Step>& steps, int largestInput) {
    const int most = acc16::range / largestInput;
    std::ranges::stable_sort(steps, std::greater(), [](const Step& step) { return std::ranges::max(step.magnitudes); });
    std::vector<Chain> chains;
    std::vector<std::size_t> open; // the oldest is closed where there are too many
    for (const Step& step : steps) {
        auto best = open.end();
        std::int16_t bestLane = 0;
        for (auto each = open.begin(); each != open.end(); ++each) {
            const std::int16_t lane = fullest(chains[*each].magnitudes, step.magnitudes);
            if (lane <= most && lane > bestLane) {
                bestLane = lane;
                best = each;
            }
        }
        if (best == open.end()) {
            if (open.size() == mostOpenChains) open.erase(open.begin());
            open.push_back(chains.size());
            best = std::prev(open.end());
            chains.emplace_back();
        }
        Chain& chain = chains[*best];
        chain.steps.push_back(&step);
        for (std::size_t lane = 0; lane < lanes; ++lane)
            chain.magnitudes[lane] = static_cast<std::int16_t>(chain.magnitudes[lane] + step.magnitudes[lane]);
        if (chain.steps.size() == Acc16Weights::longestChain) open.erase(best);
    }
    std::ranges::stable_sort(chains, std::greater(), [](const Chain& chain) { return chain.steps.size(); });
    return chains;
}

std::int16_t startOf(const Chain& chain, std::size_t lane, int largestInput) {
    acc16::Magnitudes magnitudes;
    for (const Step* step : chain.steps)
        magnitudes.add(step->weights[2 * lane], step->weights[2 * lane + 1]);
    return magnitudes.start(largestInput);
}

} // namespace

Acc16Weights::Acc16Weights(const ConvolutionShape& shape, std::span<const std::int16_t> weights, int largestInput) : m_shape(shape) {
    m_startSums.assign(static_cast<std::size_t>(shape.outChannels + 2 * int8ScaleReadAhead), 0);
    m_channelSums = m_startSums;
    const auto perChannel = static_cast<std::size_t>(shape.inChannels * shape.window.kernelHeight * shape.window.kernelWidth);
    for (std::size_t at = 0; at < weights.size(); ++at)
        m_channelSums[at / perChannel] += weights[at];
    for (std::int64_t channel = 0; channel < shape.outChannels; channel += blockChannels())
        packBlock(weights, channel, largestInput);
}

void Acc16Weights::packBlock(std::span<const std::int16_t> weights, std::int64_t firstChannel, int largestInput) {
    const Window& window = m_shape.window;
    const std::int64_t channels = std::min(blockChannels(), m_shape.outChannels - firstChannel);
    // Runs of inputs that lie side by side: a kernel row, or a kernel position where dilation tears the row apart.
    const bool isRow = window.dilationWidth == 1;
    const std::int64_t columns = isRow ? 1 : window.kernelWidth, inputs = (isRow ? window.kernelWidth : 1) * m_shape.inChannels;
    m_readsWholeSteps = inputs % stepInputs == 0;
    std::vector<Step> steps;
    for (std::int64_t y = 0; y < window.kernelHeight; ++y) {
        for (std::int64_t column = 0; column < columns; ++column) {
            for (std::int64_t first = 0; first < inputs; first += stepInputs) {
                Step step{.offsetInRow = column * window.dilationWidth * m_shape.inChannels + first, .kernelRow = y};
                for (std::int64_t channel = 0; channel < channels; ++channel) {
                    for (std::int64_t input = first; input < std::min(first + stepInputs, inputs); ++input) {
                        const std::int64_t x = isRow ? input / m_shape.inChannels : column, in = input % m_shape.inChannels;
                        step.weights[static_cast<std::size_t>(channel * stepInputs + input - first)] =
                            static_cast<std::int8_t>(weights[m_shape.weightAt(firstChannel + channel, in, y, x)]);
                    }
                }
                addStep(step, largestInput, steps);
            }
        }
    }

    const std::vector<Chain> chains = chainsOf(steps, largestInput);
    const Place place{
        channels > vectorChannels ? 2 : 1, m_lengths.size(), chains.size(), m_starts.size(), m_weights.size(), m_offsetInRow.size()};
    const auto usedLanes = static_cast<std::size_t>(place.vectors * vectorChannels * 2);
    for (const Chain& chain : chains) {
        m_lengths.push_back(static_cast<std::uint8_t>(chain.steps.size()));
        for (std::size_t lane = 0; lane < usedLanes; ++lane) {
            const std::int16_t start = startOf(chain, lane, largestInput);
            m_starts.push_back(start);
            m_startSums[static_cast<std::size_t>(firstChannel) + lane / 2] += start;
        }
        for (const Step* step : chain.steps) {
            m_weights.insert(m_weights.end(), step->weights.begin(), step->weights.begin() + static_cast<std::ptrdiff_t>(2 * usedLanes));
            m_offsetInRow.push_back(step->offsetInRow);
            m_kernelRow.push_back(step->kernelRow);
        }
    }
    m_blocks.push_back(place);
}

Acc16Weights::Block Acc16Weights::block(std::int64_t index) const {
    const Place& place = m_blocks[static_cast<std::size_t>(index)];
    return {place.vectors, std::span(m_lengths).subspan(place.chain, place.chains), m_starts.data() + place.start,
            m_weights.data() + place.weight, place.step};
}

void Acc16Weights::stepOffsets(std::int64_t rowStride, std::vector<std::int64_t>& offsets) const {
    offsets.resize(m_offsetInRow.size());
    const std::int64_t kernelRowStride = m_shape.window.dilationHeight * rowStride;
    for (std::size_t step = 0; step < offsets.size(); ++step)
        offsets[step] = m_offsetInRow[step] + m_kernelRow[step] * kernelRowStride;
}

} // namespace lathe::runtime
