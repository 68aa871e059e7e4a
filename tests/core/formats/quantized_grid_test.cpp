#include <core/formats/quantized_grid.h>

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>
#include <gtest/gtest.h>

namespace lathe::formats {
namespace {

/// PyTorch's operator on all integers of the grid.
at::Tensor quantizedOperator(const char* name, const at::Tensor& input, std::vector<c10::IValue> more) {
    torch::jit::Stack stack{input};
    stack.insert(stack.end(), more.begin(), more.end());
    c10::Dispatcher::singleton().findSchemaOrThrow(name, "").callBoxed(&stack);
    return stack.front().toTensor();
}

at::Tensor everyInteger(const quantization::TensorGrid& grid) {
    return at::_make_per_tensor_quantized_tensor(at::arange(grid.minimum, grid.maximum + 1).to(at::kByte), grid.scale, grid.zeroPoint);
}

at::Tensor onGrid(const at::Tensor& numbers, const quantization::TensorGrid& grid) {
    return numbers.mul(1.0 / grid.scale).round().add(grid.zeroPoint).clamp(grid.minimum, grid.maximum);
}

TEST(QuantizedGrid, WholeGridsAreThoseOfTheirType) {
    EXPECT_EQ(gridOfScalarType(static_cast<std::int64_t>(c10::ScalarType::QUInt8)), wholeGrid(tensor::DType::UInt8));
    EXPECT_EQ(gridOfScalarType(static_cast<std::int64_t>(c10::ScalarType::QInt8)), wholeGrid(tensor::DType::Int8));
    EXPECT_EQ(gridOfScalarType(static_cast<std::int64_t>(c10::ScalarType::QInt32)), wholeGrid(tensor::DType::Int32));
    EXPECT_FALSE(gridOfScalarType(static_cast<std::int64_t>(c10::ScalarType::QUInt4x2)));
    EXPECT_EQ(wholeGrid(tensor::DType::Int8).minimum, -128);
    EXPECT_EQ(wholeGrid(tensor::DType::UInt8).maximum, 255);
}

TEST(QuantizedGrid, ClampedIsWhatPyTorchClamps) {
    const quantization::TensorGrid grid{0.03, 90, 0, 255, tensor::DType::UInt8};
    for (const auto& [low, high] : std::vector<std::pair<double, double>>{{0, 1}, {-1.21, 2.345}, {-100, 0.016}, {-0.1, 100}}) {
        const auto narrowed = clamped(grid, low, high);
        ASSERT_TRUE(narrowed) << low << " " << high;
        const at::Tensor input = at::randn({1000}) * 4, quantized = at::quantize_per_tensor(input, grid.scale, 90, at::kQUInt8);
        EXPECT_TRUE(at::equal(at::clamp(quantized, low, high).int_repr().to(at::kFloat), onGrid(input, *narrowed))) << low << " " << high;
    }
    EXPECT_FALSE(clamped(grid, 1, 2)) << "zero is not in it";
    EXPECT_FALSE(clamped(grid, 2, 1));
    EXPECT_FALSE(clamped(grid, std::nan(""), 1));
}

TEST(QuantizedGrid, ScalarsMoveTheGridAsInPyTorch) {
    for (const std::int64_t zeroPoint : {0, 17, 255}) {
        const quantization::TensorGrid grid{0.02, zeroPoint, 0, 255, tensor::DType::UInt8};
        const at::Tensor input = everyInteger(grid), numbers = input.dequantize();
        for (const double number : {0.0, 0.33, -0.33, 4.0, -4.0, 30.0, -30.0}) {
            const at::Tensor sum = quantizedOperator("quantized::add_scalar", input, {number});
            const ScalarResult plus = plusScalar(grid, number);
            EXPECT_NEAR(plus.grid.scale, sum.q_scale(), 1e-6 * sum.q_scale()) << zeroPoint << " + " << number;
            EXPECT_EQ(plus.grid.zeroPoint, sum.q_zero_point()) << zeroPoint << " + " << number;
            EXPECT_LE((onGrid(numbers + plus.amount, plus.grid) - sum.int_repr().to(at::kFloat)).abs().max().item<double>(), 1);

            const at::Tensor product = quantizedOperator("quantized::mul_scalar", input, {number});
            const ScalarResult times = timesScalar(grid, number);
            EXPECT_NEAR(times.grid.scale, product.q_scale(), 1e-6 * product.q_scale()) << zeroPoint << " * " << number;
            EXPECT_EQ(times.grid.zeroPoint, product.q_zero_point()) << zeroPoint << " * " << number;
            EXPECT_TRUE(at::equal(onGrid(numbers * times.amount, times.grid), product.int_repr().to(at::kFloat)))
                << zeroPoint << " * " << number;
        }
    }
}

} // namespace
} // namespace lathe::formats
