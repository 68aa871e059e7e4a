#pragma once

#include <cstdint>

#include <core/graph/graph.h>

namespace lathe::formats {

/// The graph with ATen's operators where it has weights that share their numbers (lathe::lookup): integers of the packed bytes by division
/// and remainder, then aten::gather of the codebooks. No format has words for fewer than 8 bits that all its readers know, and every format
/// has these, so that files hold packed indices and codebooks. Values have dtypes and shapes. PyTorch computes them in each call (torch.jit
/// freezing folds them), ONNX Runtime once when it loads the model. Indices that are packed into words of more than `largestWordBytes`
/// bytes (7, of 7 bits) get a byte each: ONNX Runtime adds 64-bit integers as doubles.
[[nodiscard]] graph::Graph withLookupsInAten(graph::Graph graph, std::int64_t largestWordBytes = 7);

} // namespace lathe::formats
