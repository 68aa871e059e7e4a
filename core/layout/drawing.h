#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include <core/base/json.h>
#include <core/base/result.h>
#include <core/graph/graph.h>
#include <core/graph/scope_tree.h>

namespace lathe::layout {

/// A graph as it is drawn: plain texts, no weights. What the engine sends to the window ("lathe.graph/1").
struct DrawNode {
    std::string id;     ///< Node::name; inputs "input:<name>", outputs "output:<number>", closed modules "module:<path>"
    std::string label;  ///< what is written large
    std::string op;     ///< "aten::conv2d"; "input", "output", "stub", "module"
    std::string scope;  ///< of a closed module its own path
    std::string source; ///< "model.py:12", may be empty
    std::string shape;  ///< of the first result: "1x6x28x28"
    std::string dtype;  ///< of the first result, "float32"; of layers with integer weights theirs, "int8"
    std::string detail; ///< short second line: "conv2d + relu · 5x5 · 6→16"
    std::int64_t parameters = 0, macs = 0;
    bool isLayer = false; ///< carries a weight: can be chosen in recipes
    /// Of a closed module, as its parameters and macs are: what stands inside, at any depth.
    std::int64_t nodesInside = 0, layersInside = 0;
    bool operator==(const DrawNode&) const = default;
};
struct DrawEdge {
    std::string from, to;
    std::string label; ///< shape
    bool operator==(const DrawEdge&) const = default;
};
struct Drawing {
    std::string name;
    std::vector<DrawNode> nodes;
    std::vector<DrawEdge> edges;
    std::vector<std::string> open{}; ///< paths of the modules whose inside is drawn
    bool operator==(const Drawing&) const = default;
};
inline constexpr std::string_view moduleOp = "module"; ///< DrawNode::op of a closed module

/// What OpenModules::Kind::Fitting shows at most: more than the largest of the usual image models have, and no more than Graphviz lays out
/// while one waits.
inline constexpr std::int64_t maxFittingNodes = 800;

/// The drawing of a graph, of which only that is drawn which stands in no closed module; the others (graph/scope_tree.h) are one node each,
/// and so are the edges between two of them. Quantize and dequantize nodes that no module has stand where the node does that they read.
/// Nodes inside blocks are drawn among the others: what a block reads comes from the node that owns it, and what
/// the node returns comes from the last nodes inside. A value that more than 16 nodes read (a mask, a position) is drawn as edges to the
/// first of them and to others near by, and as labelled stubs (op "stub") at those far away, since such far-reaching edges hide the rest.
/// Quantize/dequantize nodes around an activation are kept as small nodes; weight dequantization is folded into its layer.
[[nodiscard]] Drawing drawing(const graph::Graph& graph, const graph::OpenModules& open = {graph::OpenModules::Kind::All});
[[nodiscard]] base::Json toJson(const Drawing& drawing);
/// Treats the text as hostile: sizes, types, unknown ids are Rejected.
[[nodiscard]] base::Result<Drawing> drawingFromJson(const base::Json& json);

struct Point {
    double x = 0, y = 0;
};
struct PlacedNode {
    std::string id;
    double x = 0, y = 0, width = 0, height = 0; ///< centre and size, in points, y downwards
};
struct PlacedEdge {
    std::string from, to;
    std::vector<Point> points; ///< B-spline control points as dot gives them: 3n+1
};
struct Placement {
    std::vector<PlacedNode> nodes; ///< same order as the drawing's nodes
    std::vector<PlacedEdge> edges; ///< same order as the drawing's edges
    double width = 0, height = 0;
    double seconds = 0;
};
struct NodeSize {
    double width = 0, height = 0; ///< points
};

/// Sizes that fit the texts of toSvg(), for drawings that no view measures.
[[nodiscard]] std::vector<NodeSize> estimatedSizes(const Drawing& drawing);

/// Lays the drawing out top to bottom: with Graphviz' `dot`, run as a process of its own that is killed on `stop`, or, where that is not
/// installed, not done after `limitSeconds` or known to take longer, with placeInLayers(). `sizes`: one per node, from the view's fonts.
/// Labels are never given to dot, so no text can reach its parser. Call off the GUI thread. Errors: Cancelled, InvalidArgument.
[[nodiscard]] base::Result<Placement> place(const Drawing& drawing, const std::vector<NodeSize>& sizes, const std::stop_token& stop,
                                            double limitSeconds = 3);

/// The document "lathe.layout/1", and the picture as SVG ("layout -o graph.svg").
[[nodiscard]] base::Json toJson(const Drawing& drawing, const Placement& placement);
[[nodiscard]] std::string toSvg(const Drawing& drawing, const Placement& placement);

} // namespace lathe::layout
