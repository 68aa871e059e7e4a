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
    EXPECT_TRUE(at::equal(outputOfSamples(rows, {2, 4, true}), rows.narrow(0, 0, 2)));
    EXPECT_TRUE(at::equal(outputOfSamples(rows, {4, 4, true}), rows));
    EXPECT_EQ(outputOfSamples(at::ones({2, 4}), {3, 4, true}).size(0), 2) << "its first dimension is not that of the samples";
    EXPECT_EQ(outputOfSamples(at::ones({3}), {1, 1, false}).sizes(), (at::IntArrayRef{1, 3}));
    EXPECT_EQ(outputOfSamples(at::ones({}), {1, 4, true}).dim(), 0);
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
