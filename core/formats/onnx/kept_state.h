#pragma once

#include <string>
#include <utility>
#include <vector>

#include <core/formats/onnx/external_data.h>
#include <core/formats/onnx/proto.h>
#include <core/graph/graph.h>

namespace lathe::formats::onnx {

/// How Lathe writes state that goes from call to call (graph/state.h): an input that has an initializer of its name, which is what a call
/// begins with that does not give the input, an output that is its next value, and a property of the model, "lathe.state." and the name of
/// the input, with the name of the output. Files without such properties have no state but inputs and outputs like all others.
using StateNames = std::vector<std::pair<std::string, std::string>>; ///< input and output

/// These properties as the end of a ModelProto.
[[nodiscard]] std::string statePropertiesMessage(const StateNames& states);

/// Takes the initializers of the states out of a model that was read from `bytes`, so that nothing that is computed of them counts as
/// constant while its nodes are lowered.
class TakenStates {
public:
    TakenStates(ModelProto& model, Bytes bytes);

    /// Makes buffers of the inputs and keep_state nodes of the outputs of the lowered graph. Errors: Rejected with the end of a sentence
    /// about the file.
    [[nodiscard]] base::Result<> keepIn(graph::Graph& graph, ExternalData& files) const;

private:
    struct State {
        TensorProto initializer;
        std::size_t output = 0; ///< position among those of the model
    };
    std::vector<State> m_states;
};

} // namespace lathe::formats::onnx
