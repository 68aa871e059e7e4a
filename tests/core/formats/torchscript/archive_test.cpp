#include <core/formats/torchscript/archive_torch.h>

#include <sstream>

#include <ATen/ATen.h>
#include <caffe2/serialize/in_memory_adapter.h>
#include <caffe2/serialize/inline_container.h>
#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

namespace lathe::formats {
namespace {

torch::jit::Module example() {
    torch::jit::Module module("Example");
    module.register_parameter("weight", at::arange(5, at::kFloat), false);
    module.register_buffer("bytes", at::arange(3).to(at::kChar));
    module.define("def forward(self, x):\n    return x * self.weight.sum() + self.bytes.sum()\n");
    return module;
}

TEST(TorchScriptArchive, LoadsAndComputesTheSame) {
    std::istringstream stream(writeArchive(example()));
    torch::jit::Module loaded = torch::jit::load(stream);
    EXPECT_EQ(loaded.forward({at::ones({1})}).toTensor().item<float>(), 13);
}

TEST(TorchScriptArchive, HoldsNoSourceMapAndAlignsTensors) {
    const std::string bytes = writeArchive(example());
    caffe2::serialize::PyTorchStreamReader reader(
        std::make_shared<caffe2::serialize::MemoryReadAdapter>(bytes.data(), static_cast<off_t>(bytes.size())));
    int tensors = 0;
    for (const std::string& record : reader.getAllRecords()) {
        EXPECT_FALSE(record.ends_with(".debug_pkl")) << record;
        if (!record.starts_with("data/")) continue;
        ++tensors;
        EXPECT_EQ(reader.getRecordOffset(record) % 64, 0U) << record;
    }
    EXPECT_EQ(tensors, 2);
}

TEST(TorchScriptArchive, IsSmallerThanTorchsOwn) {
    std::ostringstream own;
    example().save(own);
    EXPECT_LT(writeArchive(example()).size(), own.str().size());
}

} // namespace
} // namespace lathe::formats
