#pragma once

#include <optional>
#include <string>
#include <vector>

#include <core/engine/stage.h>
#include <core/graph/node_index.h>
#include <core/measure/result.h>

namespace lathe::engine {

/// How far the weights of a layer are from those of the original: ½‖θ−θ̂‖² in its parts, whatever the steps and their order were.
struct LayerError {
    measure::LossParts parts;
    double signal = 0; ///< ½‖θ‖² of the layer before the first step that pruned or quantized it

    /// The sum of the parts; nothing where no step touched the weights.
    [[nodiscard]] std::optional<double> loss() const;
    /// 10·log₁₀(‖θ‖² / ‖θ−θ̂‖²); nothing where no step touched the weights or nothing of them was lost.
    [[nodiscard]] std::optional<double> sqnrDb() const;
};

/// Of all layers after these stages. The steps work on different weights of a layer (what is pruned is not rounded), so their parts add up.
/// Folding a batch norm scales the weights of a layer; what was lost before is scaled with them, so that the share that was lost stays.
/// Behind a factorization they are those of the last of the smaller layers, which has the layer's name.
/// After fine-tuning, rounding counts from the trained weights and pruning from those that were pruned: training itself is no error.
class LayerErrors {
public:
    /// `original`: the graph that the first stage was made of. Both must outlive this. One pass over each graph.
    LayerErrors(const graph::Graph& original, std::vector<const Stage*> stages);
    template<class Stages>
    LayerErrors(const graph::Graph& original, const Stages& stages) : LayerErrors(original, pointersTo(stages)) {}

    [[nodiscard]] LayerError of(const std::string& layer) const;
    /// After the first `count` stages.
    [[nodiscard]] LayerError of(const std::string& layer, std::size_t count) const;
    /// What the stages tell of a layer: its loss with its parts and SQNR, bits, rank, error of the outputs, codebook.
    void writeTo(measure::LayerFigures& figures, const std::string& layer) const;
    /// The sum over all layers after the first `count` stages, in parts.
    [[nodiscard]] measure::LossParts total(std::size_t count) const;

private:
    /// Σ θ² of the weights of a graph's layers.
    struct Squares {
        explicit Squares(const graph::Graph& counted);
        [[nodiscard]] double of(const std::string& layer) const;

        const graph::Graph& graph;
        graph::UseIndex uses;
        graph::NodeIndex nodes;
    };
    struct Folding {
        Folding(const graph::Graph& from, const graph::Graph& to) : before(from), after(to) {}
        Squares before, after;
    };
    template<class Stages>
    static std::vector<const Stage*> pointersTo(const Stages& stages) {
        std::vector<const Stage*> pointers;
        for (const Stage& stage : stages)
            pointers.push_back(&stage);
        return pointers;
    }
    std::vector<const Stage*> m_stages;
    std::vector<std::optional<Folding>> m_folding; ///< by stage: of those that fold batch norms into layers
};

[[nodiscard]] std::optional<double> sum(const measure::LossParts& parts);

} // namespace lathe::engine
