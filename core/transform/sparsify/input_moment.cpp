#include <core/transform/sparsify/input_moment.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include <Eigen/Core>

namespace lathe::transform {

namespace {

constexpr std::int64_t nothing = -1; ///< padding

/// Which element along one dimension the output `at` reads through each place of the kernel.
std::int64_t readAt(const LayerInput& input, std::size_t dimension, std::int64_t at, std::int64_t place, std::int64_t size) {
    const std::int64_t stride = input.stride[dimension], shift = place * input.dilation[dimension] - input.padding[dimension];
    std::int64_t read = at * stride + shift;
    if (input.rows.isTransposed) {
        if ((at - shift) % stride != 0) return nothing;
        read = (at - shift) / stride;
    }
    return read < 0 || read >= size ? nothing : read;
}

std::int64_t outputSize(const LayerInput& input, std::size_t dimension, std::int64_t size) {
    const std::int64_t reach = input.dilation[dimension] * (input.kernel[dimension] - 1);
    if (input.rows.isTransposed) return (size - 1) * input.stride[dimension] - 2 * input.padding[dimension] + reach + 1;
    const std::int64_t free = size + 2 * input.padding[dimension] - reach - 1;
    return free < 0 ? 0 : free / input.stride[dimension] + 1;
}

/// For each output and place of the kernel the element of a channel that is read: [outputs, places].
std::vector<std::int64_t> reads(const LayerInput& input, std::span<const std::int64_t> sizes) {
    std::vector<std::int64_t> all{0};
    std::int64_t outputs = 1, places = 1;
    for (std::size_t dimension = 0; dimension < sizes.size(); ++dimension) {
        const std::int64_t size = sizes[dimension], moreOutputs = std::max<std::int64_t>(outputSize(input, dimension, size), 0);
        const std::int64_t morePlaces = input.kernel[dimension];
        std::vector<std::int64_t> next;
        next.reserve(all.size() * static_cast<std::size_t>(moreOutputs * morePlaces));
        for (std::int64_t output = 0; output < outputs; ++output) {
            for (std::int64_t at = 0; at < moreOutputs; ++at) {
                for (std::int64_t place = 0; place < places; ++place) {
                    const std::int64_t before = all[static_cast<std::size_t>(output * places + place)];
                    for (std::int64_t along = 0; along < morePlaces; ++along) {
                        const std::int64_t read = readAt(input, dimension, at, along, size);
                        next.push_back(before == nothing || read == nothing ? nothing : before * size + read);
                    }
                }
            }
        }
        all = std::move(next);
        outputs *= moreOutputs;
        places *= morePlaces;
    }
    return all;
}

} // namespace

InputMoment::InputMoment(LayerInput input, Detail detail) : m_input(std::move(input)), m_detail(detail) {
    const WeightRows& rows = m_input.rows;
    if (detail == Detail::Moments) {
        m_moments.resize(static_cast<std::size_t>(rows.groups));
    } else {
        m_squares.assign(static_cast<std::size_t>(rows.groups * rows.columns()), 0);
    }
}

std::int64_t InputMoment::bytes(const WeightRows& rows) {
    return rows.groups * rows.columns() * rows.columns() * static_cast<std::int64_t>(sizeof(double));
}

void InputMoment::addColumns(std::int64_t group, std::vector<float> columns) {
    const std::int64_t size = m_input.rows.columns();
    const std::int64_t count = std::ssize(columns) / size;
    if (group == 0) m_count += count;
    if (m_detail == Detail::Moments) {
        m_moments[static_cast<std::size_t>(group)].add(tensor::Tensor::of({count, size}, columns), 1);
        return;
    }
    double* squares = m_squares.data() + group * size;
    for (std::size_t i = 0; i < columns.size(); ++i)
        squares[static_cast<std::int64_t>(i) % size] += static_cast<double>(columns[i]) * static_cast<double>(columns[i]);
}

void InputMoment::add(const tensor::Tensor& values) {
    const WeightRows& rows = m_input.rows;
    const tensor::Shape& shape = values.shape();
    const std::size_t dimensions = m_input.kernel.size();
    if (values.elementCount() == 0 || shape.size() < dimensions + 1) return;
    const float* data = values.values<float>().data();
    constexpr std::int64_t most = 4'000'000; // numbers in a block of columns
    const std::int64_t inBlock = std::max<std::int64_t>(most / std::max<std::int64_t>(rows.columns(), 1), 1);
    if (dimensions == 0) {
        if (shape.back() != rows.columns()) return;
        const std::int64_t count = values.elementCount() / shape.back();
        for (std::int64_t first = 0; first < count; first += inBlock) {
            const float* begin = data + first * shape.back();
            addColumns(0, {begin, begin + std::min(inBlock, count - first) * shape.back()});
        }
        return;
    }
    const std::size_t axis = shape.size() - dimensions - 1;
    if (axis > 1 || shape[axis] != rows.groups * rows.inputs) return;
    const std::span<const std::int64_t> sizes(shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, shape.end());
    const std::vector<std::int64_t> read = reads(m_input, sizes);
    const std::int64_t places = rows.places, outputs = std::ssize(read) / places;
    const std::int64_t channelSize = tensor::elementCount({sizes.begin(), sizes.end()});
    const std::int64_t samples = values.elementCount() / (channelSize * shape[axis]);
    if (outputs == 0) return;
    const std::int64_t all = samples * outputs;
    for (std::int64_t group = 0; group < rows.groups; ++group) {
        for (std::int64_t first = 0; first < all; first += inBlock) {
            const std::int64_t count = std::min(inBlock, all - first);
            std::vector<float> columns(static_cast<std::size_t>(count * rows.columns()), 0);
            float* to = columns.data();
            for (std::int64_t at = first; at < first + count; ++at) {
                const float* channels = data + (at / outputs * rows.groups + group) * rows.inputs * channelSize;
                for (std::int64_t place = 0; place < places; ++place, to += rows.inputs) {
                    const std::int64_t from = read[static_cast<std::size_t>(at % outputs * places + place)];
                    for (std::int64_t channel = 0; from != nothing && channel < rows.inputs; ++channel)
                        to[channel] = channels[channel * channelSize + from];
                }
            }
            addColumns(group, std::move(columns));
        }
    }
}

bool InputMoment::isFinite() const {
    return std::ranges::all_of(m_moments, &SecondMoment::isFinite) &&
           std::ranges::all_of(m_squares, [](double sum) { return std::isfinite(sum); });
}

std::vector<double> InputMoment::squares() const {
    const std::int64_t size = m_input.rows.columns();
    std::vector<double> result(m_squares);
    for (double& sum : result)
        sum /= static_cast<double>(m_count);
    for (std::int64_t group = 0; group < std::ssize(m_moments); ++group) {
        const std::vector<double> all = moment(group);
        for (std::int64_t i = 0; i < size; ++i)
            result.push_back(all[static_cast<std::size_t>(i * size + i)]);
    }
    return result;
}

std::vector<double> InputMoment::moment(std::int64_t group) const {
    return m_moments[static_cast<std::size_t>(group)].moment(0, m_input.rows.columns());
}

std::optional<double> InputMoment::outputError(std::span<const float> before, std::span<const float> after) const {
    if (m_count == 0 || m_moments.empty()) return std::nullopt;
    using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const WeightRows& rows = m_input.rows;
    double error = 0, signal = 0;
    const std::int64_t outputs = std::ssize(before) / (rows.groups * rows.columns());
    for (std::int64_t group = 0; group < rows.groups; ++group) {
        const std::vector<double> all = moment(group);
        const Eigen::Map<const Eigen::MatrixXd> product(all.data(), rows.columns(), rows.columns());
        const std::int64_t first = group * outputs * rows.columns();
        const Eigen::MatrixXd old = Eigen::Map<const Matrix>(before.data() + first, outputs, rows.columns()).cast<double>();
        const Eigen::MatrixXd lost = old - Eigen::Map<const Matrix>(after.data() + first, outputs, rows.columns()).cast<double>();
        error += (lost * product).cwiseProduct(lost).sum();
        signal += (old * product).cwiseProduct(old).sum();
    }
    return signal > 0 ? error / signal : 0;
}

} // namespace lathe::transform
