#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include <core/base/json_reader.h>
#include <core/graph/graph.h>

namespace lathe::formats {

/// Names and tensor descriptions (TensorMeta) of one graph of a program; graphs in it, such as the branches of a condition, have their own.
/// Refers to the document.
struct Frame {
    std::unordered_map<std::string, graph::Operand> names;
    std::unordered_map<std::string_view, const base::Json*> tensors;
};
/// The frame of a graph, with nothing defined yet.
[[nodiscard]] Frame frameOf(const base::JsonReader& graph);

/// What `name` stands for; marks the document as wrong at `at` when it is not defined.
[[nodiscard]] graph::Operand definedValue(const base::JsonReader& at, const Frame& frame, const std::string& name);

/// The schema's Argument as an operand: element types, memory formats and layouts with ATen's numbers, devices by their name, lists of
/// known numbers as one literal. A graph is its name.
[[nodiscard]] graph::Operand readArgument(const base::JsonReader& argument, const Frame& frame);

} // namespace lathe::formats
