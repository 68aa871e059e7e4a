#pragma once

#include <functional>

#include <core/graph/graph.h>

namespace lathe::formats {

/// Takes the operators apart in which PyTorch computes a whole encoder layer or a whole self-attention at once, in evaluation
/// (aten::_transformer_encoder_layer_fwd, aten::_native_multi_head_attention), into linear layers, scaled_dot_product_attention, layer
/// norms and activations, so that these can be quantized and pruned and every format has them. Where the operands do not say everything
/// (the weights of the attention are asked for, keys of another tensor, a mask of unknown kind) the operator stays. `added` is told each
/// new node and the one that it is a part of. Of the main block and of blocks in it.
void takeAttentionApart(graph::Graph& graph, const std::function<void(const graph::Node& made, const graph::Node& origin)>& added);

} // namespace lathe::formats
