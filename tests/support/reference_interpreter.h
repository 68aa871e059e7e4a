#pragma once

#include <functional>
#include <string>
#include <vector>

#include <core/graph/graph.h>

namespace lathe::support {

/// Numbers of any dtype as doubles, row-major.
struct Numbers {
    tensor::Shape shape;
    std::vector<double> values;
};

/// Every operator that tests of graph rewriting use, written as its definition says: loops over all indices, float64, no LibTorch. Slow and
/// obvious: what rewritten graphs are compared with. Throws std::runtime_error for operators that it does not have.
Numbers interpret(const graph::Graph& graph, const Numbers& input, const std::function<void(graph::ValueId, const Numbers&)>& observe = {});

/// Writes the shapes that the graph's values have for this input.
void annotateShapes(graph::Graph& graph, const tensor::Shape& input);

Numbers randomNumbers(const tensor::Shape& shape, unsigned seed);
/// Largest |a − b|; infinite when the shapes differ.
double maxDifference(const Numbers& a, const Numbers& b);

/// Puts nodes one after another; shapes are known after finish().
class ModelBuilder {
public:
    explicit ModelBuilder(tensor::Shape inputShape, unsigned seed = 1);

    struct ConvolutionOptions {
        std::int64_t kernel = 3, padding = 0, groups = 1;
        bool hasBias = true;
    };
    graph::ValueId convolution(const std::string& name, graph::ValueId x, std::int64_t from, std::int64_t to, ConvolutionOptions options);
    graph::ValueId convolution(const std::string& name, graph::ValueId x, std::int64_t from, std::int64_t to) {
        return convolution(name, x, from, to, {});
    }
    graph::ValueId linear(const std::string& name, graph::ValueId x, std::int64_t from, std::int64_t to);
    graph::ValueId batchNorm(const std::string& name, graph::ValueId x, std::int64_t channels);
    graph::ValueId relu(const std::string& name, graph::ValueId x) { return node("aten::relu", name, {x}); }
    graph::ValueId maxPool(const std::string& name, graph::ValueId x);
    graph::ValueId flatten(const std::string& name, graph::ValueId x);
    graph::ValueId add(const std::string& name, graph::ValueId a, graph::ValueId b);
    graph::ValueId concatenate(const std::string& name, std::vector<graph::Operand> parts, std::int64_t axis);
    graph::ValueId node(std::string op, const std::string& name, std::vector<graph::Operand> operands);
    graph::ValueId weight(const std::string& name, const tensor::Shape& shape);

    [[nodiscard]] graph::ValueId input() const { return m_input; }
    graph::Graph finish(graph::ValueId output);
    graph::Graph graph;

private:
    tensor::Shape m_inputShape;
    unsigned m_seed;
    graph::ValueId m_input;
};

/// The classic: conv 1-6-5, conv 6-16-5, each with relu and max pool, fc 400-120-84-10; random weights; float32[batch, 1, 32, 32].
graph::Graph lenet5(std::int64_t batch = 1);

} // namespace lathe::support
