#include <map>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include <caffe2/serialize/inline_container.h>

#include <core/base/files.h>
#include <core/formats/archive/archive_record.h>
#include <core/formats/exported_program/emitter.h>
#include <core/formats/exported_program/meta.h>
#include <core/formats/lookup_operators.h>
#include <core/formats/model_file.h>
#include <core/formats/torch_error_torch.h>

namespace lathe::formats {

namespace {

using base::Json;

base::Message failed() { return {"export.noExportedProgram", {}}; }
constexpr std::uint64_t archiveVersion = 6; ///< of the zip, as torch.export.save sets it

/// The entries of an archive in memory.
class Archive {
public:
    Archive()
        : m_writer([this](const void* data, std::size_t size) {
              m_bytes.append(static_cast<const char*>(data), size);
              return size;
          }) {
        m_writer.setMinVersion(archiveVersion);
    }
    void addWeight(const std::string& name, std::string_view bytes) {
        m_writer.writeRecord(name, bytes.data(), bytes.size(), m_deflated.has(bytes));
    }
    /// Whatever its length: nobody maps a text.
    void addText(const std::string& name, std::string_view text) {
        m_writer.writeRecord(name, text.data(), text.size(), text.size() >= shortestDeflated);
    }
    std::string finish() {
        m_writer.writeEndOfFile();
        return std::move(m_bytes);
    }

private:
    std::string m_bytes;
    DeflatedWeights m_deflated;
    caffe2::serialize::PyTorchStreamWriter m_writer;
};

/// Tied weights are stored once.
class Payload {
public:
    explicit Payload(Archive& archive) : m_archive(archive) {}

    void add(const std::string& name, const tensor::Tensor& tensor, bool isParameter) {
        const auto [known, isNew] =
            m_files.emplace(std::tuple(tensor.storage().get(), tensor.byteOffset(), tensor.shape(), tensor.strides()),
                            "weight_" + std::to_string(m_files.size()));
        if (isNew) {
            const tensor::Tensor whole = tensor.contiguous();
            const auto bytes =
                whole.storage()->bytes().subspan(static_cast<std::size_t>(whole.byteOffset()), static_cast<std::size_t>(whole.byteCount()));
            m_archive.addWeight("data/weights/" + known->second, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        }
        m_config[name] = {{"path_name", known->second},
                          {"is_param", isParameter},
                          {"use_pickle", false},
                          {"tensor_meta", tensorMeta(tensor.dtype(), tensor.shape(), isParameter)}};
    }
    const Json& config() const { return m_config; }

private:
    Archive& m_archive;
    std::map<std::tuple<const void*, std::int64_t, tensor::Shape, std::vector<std::int64_t>>, std::string> m_files;
    Json m_config = Json::object();
};

} // namespace

base::Result<std::int64_t> writeExportedProgram(const graph::Graph& model, const std::filesystem::path& file) {
    const graph::Graph graph = withLookupsInAten(model);
    const auto bytes = guarded(base::ErrorCode::Failed, failed(), [&]() -> base::Result<std::string> {
        const auto emitted = emitProgram(graph);
        if (!emitted) return base::forward(emitted);
        Archive archive;
        Payload payload(archive);
        std::unordered_map<std::string_view, const tensor::Tensor*> weights;
        for (const graph::Value& value : graph.values)
            weights.emplace(value.name, &value.data);
        for (const auto& [name, isParameter] : emitted->weights)
            payload.add(name, *weights.at(name), isParameter);
        archive.addText("data/weights/model_weights_config.json", Json{{"config", payload.config()}}.dump());
        archive.addText("data/constants/model_constants_config.json", R"({"config": {}})");
        archive.addText("models/model.json", emitted->program.dump());
        archive.addText("data/sample_inputs/model.pt", ""); // none; but loading asks for the entry
        archive.addText("archive_format", "pt2");
        archive.addText("archive_version", "0");
        return archive.finish();
    });
    if (!bytes) return base::forward(bytes);
    if (auto written = base::writeFile(file, *bytes); !written) return base::forward(written);
    return static_cast<std::int64_t>(bytes->size());
}

} // namespace lathe::formats
