#pragma once

#include <string>
#include <vector>

#include <core/base/result.h>
#include <core/data/dataset.h>

namespace lathe::engine {

/// One input of one sample, with its name in the data.
struct NamedSample {
    std::string name;
    tensor::Tensor values; ///< [1, …]
    bool isLabels = false; ///< the data has it for labels, which only the model's inputs can contradict
};

/// The first sample of a data set as bytes for the process that reads models, which cannot open the data itself.
[[nodiscard]] std::string sampleBytes(const data::Dataset& dataset);
/// Back again. Errors: Rejected for bytes that sampleBytes never makes.
[[nodiscard]] base::Result<std::vector<NamedSample>> parseSampleBytes(const std::string& bytes);

} // namespace lathe::engine
