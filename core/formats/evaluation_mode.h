#pragma once

#include <map>
#include <string>

#include <core/base/message.h>
#include <core/graph/graph.h>

namespace lathe::formats {

/// Makes a graph that was recorded while the model was training one of the model in evaluation, as Module.eval() would have done before:
/// batch norm takes its running statistics and no longer updates them, dropout (also that of attention) does nothing. Returns what was
/// switched: how often, by the short name of the operator ("batch_norm").
std::map<std::string, int> switchToEvaluation(graph::Graph& graph);

/// A sentence on it for the import report; empty when nothing was switched.
[[nodiscard]] base::Message evaluationNote(const std::map<std::string, int>& switched);

} // namespace lathe::formats
