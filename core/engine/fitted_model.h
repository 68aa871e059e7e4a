#pragma once

#include <memory>
#include <string>

#include <core/base/result.h>
#include <core/data/dataset.h>
#include <core/graph/graph.h>
#include <core/recipe/preprocessing.h>

namespace lathe::engine {

/// A model and data that were tried with each other.
struct FittedModel {
    graph::Graph graph;                           ///< with the shapes of all values in a call with as few samples as the model takes
    std::shared_ptr<const data::Dataset> dataset; ///< arranged for the model, with the calls that it takes
};

/// Opens data for a model (data::openFor) and runs it on the first samples. How many samples a call takes is tried unless the file fixes
/// it: any number where one and two work, else one; where the file says nothing also the sample without a batch, and the smallest power of
/// two up to 64 that works. Along which dimension they stand in the outputs is seen from the sizes: those that are one of one sample and
/// two of two, else those of the batch. Errors: those of openFor; Rejected when the samples do not fit the model; the sentence holds both
/// shapes.
[[nodiscard]] base::Result<FittedModel> fitToData(const graph::Graph& graph, const std::string& data,
                                                  const recipe::Preprocessing& preprocessing);
/// The same with data that is open and arranged.
[[nodiscard]] base::Result<FittedModel> fitToData(const graph::Graph& graph, std::shared_ptr<const data::Dataset> dataset);

/// Writes into `graph` what a fitted model tells of it: shapes and types of all values. Sizes of inputs that the file leaves free stay
/// free, and where it says nothing of an input, that of the samples is written as what was found to work: a batch of any number as the one
/// of the shapes at hand with a symbol.
void describe(graph::Graph& graph, const FittedModel& fitted);

/// Gives every value of the graph its shape by running it once, with as few of the first samples as the model takes. Errors: Rejected when
/// they do not fit the model; the sentence holds both shapes.
[[nodiscard]] base::Result<> annotate(graph::Graph& graph, const data::Dataset& dataset);

} // namespace lathe::engine
