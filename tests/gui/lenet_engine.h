#pragma once

#include <string>
#include <vector>

#include <core/client/protocol.h>
#include <core/measure/result.h>
#include <core/recipe/recipe.h>

namespace lathe::views::test {

/// What an engine would answer about LeNet-5: right shapes and counts, made-up figures that follow the recipe in a simple way (pruned share
/// of the parameters, one byte a weight when quantized), so that tests can see an edit arrive.
class LenetEngine {
public:
    [[nodiscard]] static client::HelloReply hello();
    [[nodiscard]] static client::OpenReply open(const std::string& file, client::ModelHandle handle);
    [[nodiscard]] static client::PreviewReply preview(const recipe::Recipe& recipe);
    [[nodiscard]] static layout::Drawing drawing(const recipe::Recipe& recipe, int stepsApplied);
    /// What a file called "transformer" holds: five blocks of 25 nodes, which are closed when it is opened.
    [[nodiscard]] static const graph::Graph& blocks();
    [[nodiscard]] static client::WeightsReply weights(const recipe::Recipe& recipe, const std::string& layer, int bins);
    [[nodiscard]] static client::SamplesReply samples(std::int64_t first);
    [[nodiscard]] static measure::RunDocument run(const recipe::Recipe& recipe);

    /// The answer to a request text, as texts: one result or error.
    [[nodiscard]] std::string answer(const std::string& requestText);

private:
    client::ModelHandle m_lastHandle = 0;
    bool m_hasBlocks = false; ///< of the model that was opened last
};

} // namespace lathe::views::test
