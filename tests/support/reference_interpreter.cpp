#include <tests/support/reference_interpreter.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>

#include <tests/support/graphs.h>

#include <core/graph/operators/conversion.h>

namespace lathe::support {

namespace {

using graph::Node;
using graph::Operand;
using graph::ValueId;

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

std::int64_t count(const tensor::Shape& shape, std::size_t from = 0) {
    std::int64_t product = 1;
    for (std::size_t i = from; i < shape.size(); ++i)
        product *= shape[i];
    return product;
}

class Interpreter {
public:
    Interpreter(const graph::Graph& graph, const std::function<void(ValueId, const Numbers&)>& observe)
        : m_graph(graph), m_observe(observe) {}

    Numbers run(const Numbers& input) {
        for (std::size_t i = 0; i < m_graph.values.size(); ++i) {
            const graph::Value& value = m_graph.values[i];
            if (value.kind != graph::ValueKind::Weight) continue;
            Numbers numbers{value.data.shape(), {}};
            for (const float number : value.data.toFloats())
                numbers.values.push_back(number);
            m_values[static_cast<ValueId>(i)] = std::move(numbers);
        }
        set(m_graph.main.inputs.front(), input);
        for (const Node& node : m_graph.main.nodes)
            execute(node);
        return m_values.at(m_graph.main.outputs.front().value());
    }

private:
    void set(ValueId id, Numbers numbers) {
        if (m_observe) m_observe(id, numbers);
        m_values[id] = std::move(numbers);
    }

    const Numbers& operand(const Node& node, std::size_t i) const { return m_values.at(node.operands[i].value()); }
    template<class T>
    static T literal(const Node& node, std::size_t i) {
        return node.operands[i].literal<T>().value();
    }
    static std::vector<std::int64_t> ints(const Node& node, std::size_t i) { return literal<std::vector<std::int64_t>>(node, i); }

    void execute(const Node& node) {
        const std::string& op = node.op;
        if (op.starts_with("quantized_decomposed::choose")) return chooseParameters(node);
        Numbers result;
        if (op == "aten::conv2d" || op == "lathe::conv2d_relu")
            result = convolution(node);
        else if (op == "aten::linear" || op == "lathe::linear_relu")
            result = linear(node);
        else if (op == "aten::relu" || op == "aten::dropout" || op == "aten::sigmoid")
            result = operand(node, 0);
        else if (op == "aten::batch_norm")
            result = batchNorm(node);
        else if (op == "aten::max_pool2d")
            result = maxPool(node);
        else if (op == "aten::flatten.using_ints" || op == "aten::view" || op == "aten::reshape")
            result = reshape(node);
        else if (op == "aten::add.Tensor" || op == "aten::mul.Tensor")
            result = binary(node);
        else if (op == "aten::cat")
            result = concatenate(node);
        else if (op == "aten::mean.dim")
            result = spatialMean(node);
        else if (op.starts_with("quantized_decomposed::"))
            result = quantization(node);
        else if (op == "aten::to.dtype")
            result = conversion(node);
        else if (op == "lathe::lookup")
            result = lookup(node);
        else
            throw std::runtime_error("no reference for " + op);
        if (op.ends_with("relu")) {
            for (double& value : result.values)
                value = std::max(value, 0.0);
        }
        if (op == "aten::sigmoid") {
            for (double& value : result.values)
                value = 1 / (1 + std::exp(-value));
        }
        set(node.results.front(), std::move(result));
    }

    /// Of floating-point types.
    Numbers conversion(const Node& node) const {
        const Numbers& x = operand(node, 0);
        const std::vector<float> floats(x.values.begin(), x.values.end());
        const auto dtype = graph::conversionDtype(node).value();
        const auto converted = tensor::Tensor::of(x.shape, floats).to(dtype).toFloats();
        return {x.shape, {converted.begin(), converted.end()}};
    }

    /// Bit by bit.
    Numbers lookup(const Node& node) const {
        const Numbers &packed = operand(node, 0), &codebooks = operand(node, 1);
        const auto bits = literal<std::int64_t>(node, 2);
        Numbers result{ints(node, 3), {}};
        const std::int64_t all = count(result.shape), groups = codebooks.shape[0], numbers = codebooks.shape[1];
        for (std::int64_t i = 0; i < all; ++i) {
            std::int64_t index = 0;
            for (std::int64_t bit = 0; bit < bits; ++bit) {
                const std::int64_t place = i * bits + bit;
                const auto byte = static_cast<unsigned>(packed.values[at(place / 8)]);
                index += static_cast<std::int64_t>((byte >> (place % 8)) & 1U) << bit;
            }
            const std::int64_t row = i / count(result.shape, 1), group = row / (result.shape[0] / groups);
            result.values.push_back(codebooks.values[at(group * numbers + index)]);
        }
        return result;
    }

    double bias(const Node& node, std::int64_t channel) const {
        return node.operands[2].isNone() ? 0 : operand(node, 2).values[at(channel)];
    }

    Numbers convolution(const Node& node) const {
        const Numbers &x = operand(node, 0), &w = operand(node, 1);
        const auto stride = ints(node, 3), padding = ints(node, 4), dilation = ints(node, 5);
        const auto groups = literal<std::int64_t>(node, 6);
        const std::int64_t filters = w.shape[0], depth = w.shape[1], kh = w.shape[2], kw = w.shape[3];
        const std::int64_t channels = x.shape[1], height = x.shape[2], width = x.shape[3];
        if (channels != depth * groups) throw std::runtime_error(node.name + ": channels do not fit");
        const std::int64_t outHeight = (height + 2 * padding[0] - dilation[0] * (kh - 1) - 1) / stride[0] + 1;
        const std::int64_t outWidth = (width + 2 * padding[1] - dilation[1] * (kw - 1) - 1) / stride[1] + 1;
        Numbers y{{x.shape[0], filters, outHeight, outWidth}, {}};
        for (std::int64_t n = 0; n < x.shape[0]; ++n)
            for (std::int64_t f = 0; f < filters; ++f)
                for (std::int64_t i = 0; i < outHeight; ++i)
                    for (std::int64_t j = 0; j < outWidth; ++j) {
                        double sum = bias(node, f);
                        for (std::int64_t d = 0; d < depth; ++d)
                            for (std::int64_t p = 0; p < kh; ++p)
                                for (std::int64_t q = 0; q < kw; ++q) {
                                    const std::int64_t c = f / (filters / groups) * depth + d;
                                    const std::int64_t row = i * stride[0] - padding[0] + p * dilation[0];
                                    const std::int64_t column = j * stride[1] - padding[1] + q * dilation[1];
                                    if (row < 0 || row >= height || column < 0 || column >= width) continue;
                                    sum += x.values[at(((n * channels + c) * height + row) * width + column)] *
                                           w.values[at(((f * depth + d) * kh + p) * kw + q)];
                                }
                        y.values.push_back(sum);
                    }
        return y;
    }

    Numbers linear(const Node& node) const {
        const Numbers &x = operand(node, 0), &w = operand(node, 1);
        const std::int64_t outputs = w.shape[0], inputs = w.shape[1];
        if (x.shape.back() != inputs) throw std::runtime_error(node.name + ": features do not fit");
        Numbers y{x.shape, {}};
        y.shape.back() = outputs;
        for (std::int64_t row = 0; row < count(x.shape) / inputs; ++row)
            for (std::int64_t o = 0; o < outputs; ++o) {
                double sum = bias(node, o);
                for (std::int64_t i = 0; i < inputs; ++i)
                    sum += x.values[at(row * inputs + i)] * w.values[at(o * inputs + i)];
                y.values.push_back(sum);
            }
        return y;
    }

    Numbers batchNorm(const Node& node) const {
        Numbers y = operand(node, 0);
        const auto entry = [&](std::size_t i, std::size_t channel, double missing) {
            return node.operands[i].isNone() ? missing : operand(node, i).values.at(channel);
        };
        const std::int64_t inner = count(y.shape, 2), channels = y.shape[1];
        for (std::size_t i = 0; i < y.values.size(); ++i) {
            const std::size_t c = i / at(inner) % at(channels);
            const double normal = (y.values[i] - entry(3, c, 0)) / std::sqrt(entry(4, c, 1) + literal<double>(node, 7));
            y.values[i] = normal * entry(1, c, 1) + entry(2, c, 0);
        }
        return y;
    }

    Numbers maxPool(const Node& node) const {
        const Numbers& x = operand(node, 0);
        const auto kernel = ints(node, 1), stride = ints(node, 2);
        const std::int64_t height = x.shape[2], width = x.shape[3];
        const std::int64_t outHeight = (height - kernel[0]) / stride[0] + 1, outWidth = (width - kernel[1]) / stride[1] + 1;
        Numbers y{{x.shape[0], x.shape[1], outHeight, outWidth}, {}};
        for (std::int64_t plane = 0; plane < x.shape[0] * x.shape[1]; ++plane)
            for (std::int64_t i = 0; i < outHeight; ++i)
                for (std::int64_t j = 0; j < outWidth; ++j) {
                    double best = -std::numeric_limits<double>::infinity();
                    for (std::int64_t p = 0; p < kernel[0]; ++p)
                        for (std::int64_t q = 0; q < kernel[1]; ++q)
                            best = std::max(best, x.values[at((plane * height + i * stride[0] + p) * width + j * stride[1] + q)]);
                    y.values.push_back(best);
                }
        return y;
    }

    Numbers reshape(const Node& node) const {
        Numbers y = operand(node, 0);
        if (node.op == "aten::flatten.using_ints") {
            y.shape = {y.shape[0], count(y.shape, 1)}; // only ever from dimension 1 on
            return y;
        }
        tensor::Shape shape = ints(node, 1);
        const auto free = std::ranges::find(shape, -1);
        if (free != shape.end()) *free = -static_cast<std::int64_t>(y.values.size()) / count(shape);
        if (count(shape) != static_cast<std::int64_t>(y.values.size())) throw std::runtime_error(node.name + ": shape does not fit");
        y.shape = shape;
        return y;
    }

    /// Broadcasting aligns the last dimensions; a dimension of size 1 is repeated.
    Numbers binary(const Node& node) const {
        const Numbers &a = operand(node, 0), &b = operand(node, 1);
        Numbers y;
        const std::size_t rank = std::max(a.shape.size(), b.shape.size());
        const auto size = [&](const Numbers& x, std::size_t axis) {
            const std::size_t missing = rank - x.shape.size();
            return axis < missing ? 1 : x.shape[axis - missing];
        };
        for (std::size_t axis = 0; axis < rank; ++axis) {
            y.shape.push_back(std::max(size(a, axis), size(b, axis)));
            for (const Numbers* x : {&a, &b}) {
                if (size(*x, axis) != 1 && size(*x, axis) != y.shape.back()) throw std::runtime_error(node.name + ": shapes do not fit");
            }
        }
        const auto element = [&](const Numbers& x, std::int64_t flat) {
            std::int64_t offset = 0, step = 1;
            for (std::size_t axis = rank; axis-- > 0;) {
                const std::int64_t index = flat % y.shape[axis];
                flat /= y.shape[axis];
                if (size(x, axis) != 1) offset += index * step;
                step *= size(x, axis);
            }
            return x.values[at(offset)];
        };
        for (std::int64_t i = 0; i < count(y.shape); ++i)
            y.values.push_back(node.op == "aten::add.Tensor" ? element(a, i) + element(b, i) : element(a, i) * element(b, i));
        return y;
    }

    Numbers concatenate(const Node& node) const {
        const auto axis = at(literal<std::int64_t>(node, 1));
        std::vector<const Numbers*> parts;
        for (const Operand& part : std::get<std::vector<Operand>>(node.operands[0].content))
            parts.push_back(&m_values.at(part.value()));
        Numbers y{parts.front()->shape, {}};
        y.shape[axis] = 0;
        for (const Numbers* part : parts)
            y.shape[axis] += part->shape[axis];
        for (std::int64_t outer = 0; outer < count(y.shape) / count(y.shape, axis); ++outer)
            for (const Numbers* part : parts) {
                const std::int64_t block = count(part->shape, axis);
                y.values.insert(y.values.end(), part->values.begin() + outer * block, part->values.begin() + (outer + 1) * block);
            }
        return y;
    }

    Numbers spatialMean(const Node& node) const {
        const Numbers& x = operand(node, 0);
        if (ints(node, 1) != std::vector<std::int64_t>{2, 3} || literal<bool>(node, 2)) throw std::runtime_error("only spatial means");
        const std::int64_t area = x.shape[2] * x.shape[3];
        Numbers y{{x.shape[0], x.shape[1]}, {}};
        for (std::int64_t plane = 0; plane < x.shape[0] * x.shape[1]; ++plane) {
            double sum = 0;
            for (std::int64_t i = 0; i < area; ++i)
                sum += x.values[at(plane * area + i)];
            y.values.push_back(sum / static_cast<double>(area));
        }
        return y;
    }

    void chooseParameters(const Node& node) {
        const Numbers& x = operand(node, 0);
        const auto low = static_cast<double>(literal<std::int64_t>(node, 1)), high = static_cast<double>(literal<std::int64_t>(node, 2));
        double minimum = 0, maximum = 0;
        for (const double value : x.values) {
            minimum = std::min(minimum, value);
            maximum = std::max(maximum, value);
        }
        const double scale = std::max((maximum - minimum) / (high - low), literal<double>(node, 3));
        set(node.results[0], {{1}, {scale}});
        set(node.results[1], {{1}, {std::clamp(low - std::nearbyint(minimum / scale), low, high)}});
    }

    Numbers quantization(const Node& node) const {
        const bool isPerChannel = node.op.find("per_channel") != std::string::npos;
        const std::size_t rangeAt = isPerChannel ? 4 : 3;
        const auto low = static_cast<double>(literal<std::int64_t>(node, rangeAt)),
                   high = static_cast<double>(literal<std::int64_t>(node, rangeAt + 1));
        Numbers y = operand(node, 0);
        std::int64_t channels = 1, inner = count(y.shape);
        if (isPerChannel) {
            const auto axis = at(literal<std::int64_t>(node, 3));
            channels = y.shape[axis];
            inner = count(y.shape, axis + 1);
        }
        for (std::size_t i = 0; i < y.values.size(); ++i) {
            const std::size_t channel = i / at(inner) % at(channels);
            const double scale = node.operands[1].isValue() ? operand(node, 1).values[channel] : literal<double>(node, 1);
            const double zero =
                node.operands[2].isValue() ? operand(node, 2).values[channel] : static_cast<double>(literal<std::int64_t>(node, 2));
            double& value = y.values[i];
            value = node.op.find("::quantize") != std::string::npos ? std::clamp(std::nearbyint(value / scale) + zero, low, high)
                                                                    : (value - zero) * scale;
        }
        return y;
    }

    const graph::Graph& m_graph;
    const std::function<void(ValueId, const Numbers&)>& m_observe;
    std::map<ValueId, Numbers> m_values;
};

} // namespace

Numbers interpret(const graph::Graph& graph, const Numbers& input, const std::function<void(ValueId, const Numbers&)>& observe) {
    return Interpreter(graph, observe).run(input);
}

void annotateShapes(graph::Graph& graph, const tensor::Shape& input) {
    std::map<ValueId, tensor::Shape> shapes;
    (void)interpret(graph, randomNumbers(input, 1), [&](ValueId id, const Numbers& numbers) { shapes[id] = numbers.shape; });
    for (const auto& [id, shape] : shapes) {
        graph.value(id).shape = graph::dims(shape);
        if (!graph.value(id).dtype) graph.value(id).dtype = tensor::DType::Float32;
    }
}

Numbers randomNumbers(const tensor::Shape& shape, unsigned seed) {
    Numbers numbers{shape, {}};
    for (const float value : randomTensor(shape, seed).toFloats())
        numbers.values.push_back(value);
    return numbers;
}

double maxDifference(const Numbers& a, const Numbers& b) {
    if (a.shape != b.shape) return std::numeric_limits<double>::infinity();
    double largest = 0;
    for (std::size_t i = 0; i < a.values.size(); ++i)
        largest = std::max(largest, std::fabs(a.values[i] - b.values[i]));
    return largest;
}

ModelBuilder::ModelBuilder(tensor::Shape inputShape, unsigned seed)
    : m_inputShape(std::move(inputShape)), m_seed(seed), m_input(graph.addInput("x")) {}

graph::ValueId ModelBuilder::weight(const std::string& name, const tensor::Shape& shape) {
    return graph.addWeight(name, randomTensor(shape, ++m_seed));
}

graph::ValueId ModelBuilder::node(std::string op, const std::string& name, std::vector<Operand> operands) {
    return graph.addNode(std::move(op), name, std::move(operands)).results.front();
}

graph::ValueId ModelBuilder::convolution(const std::string& name, ValueId x, std::int64_t from, std::int64_t to,
                                         ConvolutionOptions options) {
    const ValueId w = weight(name + ".weight", {to, from / options.groups, options.kernel, options.kernel});
    const Operand b = options.hasBias ? Operand(weight(name + ".bias", {to})) : Operand();
    return node("aten::conv2d", name,
                {x, w, b, ints({1, 1}), ints({options.padding, options.padding}), ints({1, 1}), number(options.groups)});
}

graph::ValueId ModelBuilder::linear(const std::string& name, ValueId x, std::int64_t from, std::int64_t to) {
    const ValueId w = weight(name + ".weight", {to, from});
    return node("aten::linear", name, {x, w, weight(name + ".bias", {to})});
}

graph::ValueId ModelBuilder::batchNorm(const std::string& name, ValueId x, std::int64_t channels) {
    const ValueId gamma = weight(name + ".weight", {channels}), beta = weight(name + ".bias", {channels});
    const ValueId mean = weight(name + ".running_mean", {channels});
    std::vector<float> variances;
    for (std::int64_t i = 0; i < channels; ++i)
        variances.push_back(0.5F + static_cast<float>(i));
    const ValueId variance = graph.addWeight(name + ".running_var", tensor::Tensor::of({channels}, variances), false);
    graph.value(mean).isParameter = false;
    return node("aten::batch_norm", name,
                {x, gamma, beta, mean, variance, graph::Literal(false), graph::Literal(0.1), graph::Literal(1e-5), graph::Literal(true)});
}

graph::ValueId ModelBuilder::maxPool(const std::string& name, ValueId x) {
    return node("aten::max_pool2d", name, {x, ints({2, 2}), ints({2, 2}), ints({0, 0}), ints({1, 1}), graph::Literal(false)});
}

graph::ValueId ModelBuilder::flatten(const std::string& name, ValueId x) {
    return node("aten::flatten.using_ints", name, {x, number(1), number(-1)});
}

graph::ValueId ModelBuilder::add(const std::string& name, ValueId a, ValueId b) {
    return node("aten::add.Tensor", name, {a, b, number(1)});
}

graph::ValueId ModelBuilder::concatenate(const std::string& name, std::vector<Operand> parts, std::int64_t axis) {
    return node("aten::cat", name, {std::move(parts), number(axis)});
}

graph::Graph ModelBuilder::finish(ValueId output) {
    graph.main.outputs = {output};
    annotateShapes(graph, m_inputShape);
    return graph;
}

graph::Graph lenet5(std::int64_t batch) {
    ModelBuilder model({batch, 1, 32, 32});
    ValueId x = model.convolution("conv1", model.input(), 1, 6, {.kernel = 5});
    x = model.maxPool("pool1", model.relu("relu1", x));
    x = model.convolution("conv2", x, 6, 16, {.kernel = 5});
    x = model.maxPool("pool2", model.relu("relu2", x));
    x = model.flatten("flatten", x);
    x = model.relu("relu3", model.linear("fc1", x, 400, 120));
    x = model.relu("relu4", model.linear("fc2", x, 120, 84));
    return model.finish(model.linear("fc3", x, 84, 10));
}

} // namespace lathe::support
