#include <core/formats/torchscript/archive_torch.h>

#include <memory>

#include <caffe2/serialize/in_memory_adapter.h>
#include <caffe2/serialize/inline_container.h>
#include <torch/csrc/jit/serialization/export.h>

#include <core/formats/archive/archive_record.h>

namespace lathe::formats {

namespace {

using caffe2::serialize::PyTorchStreamReader;
using caffe2::serialize::PyTorchStreamWriter;

std::function<std::size_t(const void*, std::size_t)> appendTo(std::string& bytes) {
    return [&bytes](const void* data, std::size_t size) {
        bytes.append(static_cast<const char*>(data), size);
        return size;
    };
}

/// The writer adds these by itself.
bool isBookkeeping(const std::string& record) { return record == "version" || record == "byteorder" || record.starts_with(".data/"); }

} // namespace

std::string writeArchive(const torch::jit::Module& module) {
    std::string complete;
    torch::jit::ExportModule(module, appendTo(complete));

    PyTorchStreamReader reader(
        std::make_shared<caffe2::serialize::MemoryReadAdapter>(complete.data(), static_cast<off_t>(complete.size())));
    std::string small;
    PyTorchStreamWriter writer(appendTo(small));
    writer.setMinVersion(reader.version());
    DeflatedWeights deflated;
    for (const std::string& record : reader.getAllRecords()) {
        if (isBookkeeping(record) || record.ends_with(".debug_pkl")) continue;
        const auto [data, size] = reader.getRecord(record);
        const bool isText = record.ends_with(".py") || record.ends_with(".pkl");
        writer.writeRecord(record, data.get(), size, isText || deflated.has({static_cast<const char*>(data.get()), size}));
    }
    writer.writeEndOfFile();
    return small;
}

} // namespace lathe::formats
