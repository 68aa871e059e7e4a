#include <core/formats/weights/weights_file.h>

#include <core/base/files.h>
#include <core/formats/content_kind.h>
#include <core/formats/weights/safetensors_reader.h>
#include <core/formats/weights/state_dict_reader.h>

namespace lathe::formats {

base::Result<NamedTensors> readWeightsFile(const std::filesystem::path& file) {
    const auto kind = detectContent(file);
    if (!kind) return forward(kind);
    const std::string name = "\"" + file.filename().string() + "\" ";
    if (*kind != ContentKind::Safetensors && *kind != ContentKind::TorchSave)
        return base::failure(base::ErrorCode::Rejected,
                             name + "holds no weights by name: give a safetensors file or a state dict of torch.save.");
    const auto mapped = base::MappedFile::open(file);
    if (!mapped) return forward(mapped);
    auto weights =
        *kind == ContentKind::Safetensors ? readSafetensors((*mapped)->bytes(), *mapped) : readStateDict((*mapped)->bytes(), *mapped);
    if (!weights) return base::failure(weights.error().code, name + weights.error().message);
    return weights;
}

} // namespace lathe::formats
