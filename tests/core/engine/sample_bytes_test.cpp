#include <core/engine/sample_bytes.h>

#include <gtest/gtest.h>

#include <core/data/in_memory_dataset.h>

namespace lathe::engine {
namespace {

using tensor::Tensor;

TEST(SampleBytes, ComeBackWithNames) {
    const Tensor ids = Tensor::of<std::int64_t>({2, 3}, {1, 2, 3, 4, 5, 6}), mask = Tensor::of<float>({2, 1}, {0.5F, 1});
    const auto data = data::InMemoryDataset::create({.name = "text", .test = {ids, {}, {mask}}, .inputNames = {"ids", "mask"}}).value();
    const std::string bytes = sampleBytes(*data);
    const auto samples = parseSampleBytes(bytes);
    ASSERT_TRUE(samples) << samples.error().text();
    ASSERT_EQ(samples->size(), 2U);
    EXPECT_EQ((*samples)[1].name, "mask");
    EXPECT_TRUE((*samples)[0].values.sameContent(Tensor::of<std::int64_t>({1, 3}, {1, 2, 3})));
    EXPECT_TRUE((*samples)[1].values.sameContent(Tensor::of<float>({1, 1}, {0.5F})));
    for (std::size_t size = 1; size < bytes.size(); ++size) {
        const auto cut = parseSampleBytes(bytes.substr(0, size));
        EXPECT_TRUE(!cut || cut->size() == 1) << size;
    }
    EXPECT_TRUE(parseSampleBytes({})->empty());
    EXPECT_FALSE(parseSampleBytes(std::string(16, '\xFF')));
}

} // namespace
} // namespace lathe::engine
