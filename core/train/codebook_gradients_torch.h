#pragma once

#include <utility>
#include <vector>

#include <core/graph/graph.h>
#include <core/train/optimizer_torch.h>

namespace lathe::train {

/// What a codebook's number learns from. Its gradient is the sum over all weights that read it (S. Han et al., Deep Compression, ICLR 2016,
/// arXiv:1510.00149, §3.3), hundreds of times that of a weight, so that a rate that suits weights would break the model. It is divided by
/// their number: a step moves a number of a codebook as its weights would move on average.
class CodebookGradients {
public:
    /// `leaves`: what is learned, in the order in which scale() gets the gradients.
    CodebookGradients(const graph::Graph& graph, const NamedTensors& leaves);

    /// Divides the gradients of codebooks in place. Undefined gradients stay so.
    void scale(std::vector<at::Tensor>& gradients) const;

private:
    std::vector<std::pair<std::size_t, at::Tensor>>
        m_readers; ///< position of a codebook among the leaves, readers of each number (1 or more)
};

} // namespace lathe::train
