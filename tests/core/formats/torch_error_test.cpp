#include <core/formats/torch_error_torch.h>

#include <stdexcept>

#include <gtest/gtest.h>

namespace lathe::formats {
namespace {

base::Result<int> failing(const std::function<void()>& raise) {
    return guarded(base::ErrorCode::Rejected, "It cannot be read", [&]() -> base::Result<int> {
        raise();
        return 1;
    });
}

TEST(TorchError, KeepsTheResultWhenNothingIsThrown) {
    EXPECT_EQ(failing([] {}).value(), 1);
}

TEST(TorchError, IsTheFirstLineWithoutBacktrace) {
    const auto result = failing([] { TORCH_CHECK(false, "Unknown builtin op: custom::op.\nCould not find any similar ops"); });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message, "It cannot be read: Unknown builtin op: custom::op.");
    EXPECT_EQ(result.error().code, base::ErrorCode::Rejected);
}

TEST(TorchError, LeavesOutWhereTorchNoticedIt) {
    const auto result = failing([] { throw std::runtime_error("[enforce fail at inline_container.cc:183] . file not found: m/version"); });
    EXPECT_EQ(result.error().message, "It cannot be read: file not found: m/version.");
}

TEST(TorchError, HasAWordForEmptyTextsAndLittleMemory) {
    EXPECT_EQ(failing([] { throw std::runtime_error("\n\n"); }).error().message, "It cannot be read: no reason is given.");
    EXPECT_EQ(failing([] { throw std::bad_alloc(); }).error().message, "It cannot be read: there is not enough memory.");
}

TEST(TorchError, CutsEndlessTexts) {
    const auto result = failing([] { throw std::runtime_error(std::string(10'000, 'x')); });
    EXPECT_LT(result.error().message.text().size(), 300U);
}

} // namespace
} // namespace lathe::formats
