#include <gtest/gtest.h>

#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>

#include <core/quantization/shared_weight.h>
#include <core/train/codebook_gradients_torch.h>

#include "toy_data.h"

using namespace lathe;
using lathe::tensor::Tensor;

namespace {

/// fc2.weight (3 x 4) in one group of codebooks or three.
graph::Graph sharedModel(const std::vector<std::uint8_t>& indices, const Tensor& codebooks) {
    graph::Graph model = train::testing::toyModel();
    graph::Editor editor(model);
    quantization::insertLookup(editor, *model.findValue("fc2.weight"), {2, indices, codebooks, {3, 4}});
    editor.finish();
    return model;
}

std::vector<float> valuesOf(const at::Tensor& tensor) {
    const at::Tensor whole = tensor.contiguous();
    return {whole.const_data_ptr<float>(), whole.const_data_ptr<float>() + whole.numel()};
}

} // namespace

TEST(CodebookGradients, AreMeansOverTheWeightsThatReadANumber) {
    const graph::Graph model = sharedModel({0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2}, Tensor::of<float>({1, 4}, {1, 2, 3, 4}));
    const train::NamedTensors leaves{{"fc1.weight", at::ones({4, 2})}, {"fc2.weight_codebook", at::ones({1, 4})}};
    const train::CodebookGradients codebooks(model, leaves);
    std::vector<at::Tensor> gradients{at::full({4, 2}, 6.0F), at::full({1, 4}, 6.0F)};
    codebooks.scale(gradients);
    EXPECT_EQ(valuesOf(gradients[0]), std::vector<float>(8, 6)) << "other weights keep theirs";
    EXPECT_EQ(valuesOf(gradients[1]), (std::vector<float>{1, 2, 2, 6})) << "nobody reads the last: it is not divided by 0";
}

TEST(CodebookGradients, CountEachGroupForItself) {
    const graph::Graph model = sharedModel({0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 1, 1}, Tensor::of<float>({3, 2}, {1, 2, 3, 4, 5, 6}));
    const train::CodebookGradients codebooks(model, {{"fc2.weight_codebook", at::ones({3, 2})}});
    std::vector<at::Tensor> gradients{at::full({3, 2}, 12.0F)};
    codebooks.scale(gradients);
    EXPECT_EQ(valuesOf(gradients[0]), (std::vector<float>{3, 12, 6, 6, 12, 4}));
}

TEST(CodebookGradients, WhatHasNoGradientStaysSo) {
    const graph::Graph model = sharedModel(std::vector<std::uint8_t>(12, 0), Tensor::of<float>({1, 4}, {1, 2, 3, 4}));
    const train::CodebookGradients codebooks(model, {{"fc2.weight_codebook", at::ones({1, 4})}});
    std::vector<at::Tensor> gradients(1);
    codebooks.scale(gradients);
    EXPECT_FALSE(gradients[0].defined());
}
