#pragma once

#include <string_view>
#include <vector>

#include <core/base/message.h>
#include <core/graph/graph.h>

namespace lathe::runtime {

class LoweringContext;

/// What a pattern made of a node.
class Outcome {
public:
    /// The node's work is done by what was emitted.
    [[nodiscard]] static Outcome taken() { return {true, {}}; }
    /// The pattern is for something else.
    [[nodiscard]] static Outcome other() { return {false, {}}; }
    /// The pattern is for such a node, but not for this one: "a convolution has no range for each token". Later patterns are asked.
    [[nodiscard]] static Outcome refused(base::Message reason) { return {false, std::move(reason)}; }

    [[nodiscard]] bool isTaken() const { return m_isTaken; }
    [[nodiscard]] const base::Message& refusal() const { return m_refusal; }

private:
    Outcome(bool isTaken, base::Message refusal) : m_isTaken(isTaken), m_refusal(std::move(refusal)) {}

    bool m_isTaken;
    base::Message m_refusal;
};

/// A form in quantized graphs that has integer kernels: one file pair in patterns/, one line in pattern.cpp. Gets the nodes of the main
/// block in order.
using LoweringPattern = Outcome (*)(LoweringContext& context, const graph::Node& node);

/// In the order in which they are asked.
[[nodiscard]] const std::vector<LoweringPattern>& loweringPatterns();

} // namespace lathe::runtime
