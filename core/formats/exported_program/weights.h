#pragma once

#include <map>
#include <string>

#include <core/base/json.h>
#include <core/base/result.h>
#include <core/formats/archive/model_archive.h>
#include <core/tensor/tensor.h>

namespace lathe::formats {

/// Parameters, buffers and constants of an exported program by their qualified names ("layer1.0.conv1.weight").
using ExportedWeights = std::map<std::string, tensor::Tensor>;

/// The weights and constants of the model `modelName` ("model" of "models/model.json"). Weights of one entry share one storage, which is
/// that of the mapped file where the archive allows it. Errors: Rejected, naming the weight: pickled (it could run code when it is
/// unpickled: CVE-2026-4538), missing, of an unknown element type, or with sizes that its bytes do not hold.
[[nodiscard]] base::Result<ExportedWeights> readExportedWeights(const ModelArchive& archive, const std::string& modelName);

/// One weight of a payload configuration, with the bytes of its entry. `meta` is the schema's TensorMeta. Errors: Rejected, naming the
/// weight.
[[nodiscard]] base::Result<tensor::Tensor> viewOfStorage(const std::string& name, const base::Json& meta,
                                                         const std::shared_ptr<const tensor::Storage>& storage);

} // namespace lathe::formats
