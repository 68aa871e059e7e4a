#include <core/formats/weights/weights_file.h>

#include <gtest/gtest.h>

namespace lathe::formats {
namespace {

std::filesystem::path data(const char* name) { return std::filesystem::path(LATHE_SOURCE_DIR) / "tests/data" / name; }

TEST(ReadWeightsFile, GoesByContent) {
    EXPECT_EQ(readWeightsFile(data("weights/small.safetensors")).value().size(), 5U);
    EXPECT_EQ(readWeightsFile(data("weights/state_dict.pt")).value().size(), 6U);
}

TEST(ReadWeightsFile, SaysWhatHoldsNone) {
    EXPECT_EQ(readWeightsFile(data("torchscript/tied.pt")).error().message,
              "\"tied.pt\" holds no weights by name: give a safetensors file or a state dict of torch.save.");
    EXPECT_EQ(readWeightsFile(data("weights/missing.pt")).error().code, base::ErrorCode::NotFound);
}

} // namespace
} // namespace lathe::formats
