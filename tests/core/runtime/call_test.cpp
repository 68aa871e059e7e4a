#include <core/runtime/call_torch.h>

#include <gtest/gtest.h>

#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/neg.h>
#include <ATen/ops/ones.h>

namespace lathe::runtime {
namespace {

TEST(Call, OutputsOfRepeatedSamplesAreDropped) {
    const at::Tensor rows = at::arange(12).view({4, 3});
    const graph::CallShape single{.hasBatch = false};
    EXPECT_TRUE(at::equal(outputOfSamples(rows, 0, {2, 4}), rows.narrow(0, 0, 2)));
    EXPECT_TRUE(at::equal(outputOfSamples(rows, 0, {4, 4}), rows));
    EXPECT_EQ(outputOfSamples(at::ones({2, 4}), 0, {3, 4}).size(0), 2) << "its first dimension is not that of the samples";
    EXPECT_EQ(outputOfSamples(at::ones({3}), 0, {1, 1, single}).sizes(), (at::IntArrayRef{1, 3}));
    EXPECT_EQ(outputOfSamples(at::ones({}), 0, {1, 4}).dim(), 0);
    EXPECT_TRUE(at::equal(valueOfSamples(rows, {2, 4}), rows.narrow(0, 0, 2)));
    EXPECT_EQ(valueOfSamples(at::ones({3}), {1, 1, single}).sizes(), (at::IntArrayRef{1, 3}));
}

TEST(Call, SamplesComeFirstWhereverTheyStandInAnOutput) {
    // Four steps of four samples, of which three count; a state of [layers, batch, hidden]; a number of all samples.
    const graph::CallShape shape{.inputAxes = {1}, .outputAxes = {1, 1, std::nullopt}};
    const at::Tensor steps = at::arange(16).view({4, 4}), state = at::arange(8).view({1, 4, 2}), count = at::ones({4});
    const auto outputs = outputsOfSamples(std::vector<c10::IValue>{steps, state, count}, {3, 4, shape});
    ASSERT_EQ(outputs.size(), 3U);
    EXPECT_TRUE(at::equal(outputs[0], steps.t().narrow(0, 0, 3)));
    EXPECT_EQ(outputs[1].sizes(), (at::IntArrayRef{3, 1, 2}));
    EXPECT_TRUE(at::equal(outputs[2], count));
    EXPECT_TRUE(at::equal(valueOfSamples(steps, {3, 4, shape}), steps)) << "its first dimension may be time";
}

TEST(Call, CallsHaveSamplesWhereTheInputsHaveThem) {
    const at::Tensor sequences = at::arange(24).view({4, 3, 2}), rates = at::arange(4);
    const auto calls = callsOf(std::vector<at::Tensor>{sequences, rates}, 1, std::vector<graph::BatchAxis>{1, std::nullopt});
    ASSERT_EQ(calls.size(), 4U);
    EXPECT_TRUE(at::equal(calls[2].at(0).toTensor(), sequences[2].unsqueeze(1)));
    EXPECT_TRUE(at::equal(calls[2].at(1).toTensor(), rates[2]));
}

TEST(Call, TensorsAreFoundInTuplesListsAndDictionaries) {
    c10::Dict<std::string, at::Tensor> named;
    named.insert("a", at::ones({1}));
    named.insert("b", at::ones({2}));
    const c10::IValue nested = c10::ivalue::Tuple::create({at::ones({3}), c10::List<at::Tensor>({at::ones({4}), at::ones({5})}), named, 7});
    std::vector<std::int64_t> sizes;
    for (const at::Tensor& tensor : tensorsOf(std::vector<c10::IValue>{nested, at::ones({6}), c10::IValue()}))
        sizes.push_back(tensor.size(0));
    EXPECT_EQ(sizes, (std::vector<std::int64_t>{3, 4, 5, 1, 2, 6}));
}

TEST(Call, SamplesAreCutIntoCallsAndOutputsJoined) {
    const std::vector<at::Tensor> inputs{at::arange(8).view({4, 2})};
    for (const std::int64_t inCall : {4, 2, 0}) {
        const auto calls = callsOf(inputs, inCall);
        EXPECT_EQ(calls.size(), inCall == 4 ? 1U : inCall == 2 ? 2U : 4U);
        std::vector<std::vector<at::Tensor>> outputs;
        for (const auto& call : calls)
            outputs.push_back({call.at(0).toTensor().neg()});
        const auto joined = joinedOutputs(outputs, inCall);
        ASSERT_EQ(joined.size(), 1U);
        EXPECT_TRUE(at::equal(joined[0], inputs[0].neg())) << inCall;
    }
    EXPECT_TRUE(joinedOutputs({}, 1).empty());
}

} // namespace
} // namespace lathe::runtime
