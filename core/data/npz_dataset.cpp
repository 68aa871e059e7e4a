#include <core/data/npz_dataset.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include <core/data/in_memory_dataset.h>
#include <core/data/npz.h>

namespace lathe::data {

namespace {

/// Takes the array out of the map; a null tensor when there is none.
tensor::Tensor take(std::map<std::string, tensor::Tensor>& arrays, const std::string& name) {
    auto node = arrays.extract(name);
    return node.empty() ? tensor::Tensor{} : node.mapped();
}

/// The name of the labels; "" where there are none.
std::string labelsIn(const std::map<std::string, tensor::Tensor>& arrays, std::span<const std::string> modelInputs) {
    for (const char* name : {"y", "labels", "label", "targets", "target"}) {
        const bool isThere = arrays.contains(name) || arrays.contains(std::string(name) + "_train");
        if (isThere && std::ranges::find(modelInputs, name) == modelInputs.end()) return name;
    }
    return {};
}

} // namespace

base::Result<std::shared_ptr<const Dataset>> openNpzDataset(const std::filesystem::path& file, const std::string& label,
                                                            std::span<const std::string> modelInputs) {
    constexpr std::string_view trainEnding = "_train";
    auto arrays = readNpz(file);
    if (!arrays) return base::forward(arrays);
    DatasetContent content;
    content.name = file.filename().string();
    content.labelsName = label.empty() ? labelsIn(*arrays, modelInputs) : label;
    if (!content.labelsName.empty()) {
        content.test.labels = take(*arrays, content.labelsName);
        content.train.labels = take(*arrays, content.labelsName + std::string(trainEnding));
    }
    if (!label.empty() && content.test.labels.isNull() && content.train.labels.isNull()) {
        return base::failure(base::ErrorCode::Rejected, {"data.noArrayOfLabels", {{"file", file.string()}, {"array", label}}});
    }

    std::set<std::string> names;
    for (const auto& [name, array] : *arrays) {
        const bool isTraining = name.ends_with(trainEnding);
        names.insert(isTraining ? name.substr(0, name.size() - trainEnding.size()) : name);
    }
    if (names.empty()) return base::failure(base::ErrorCode::Rejected, {"data.noArrayOfSamples", {{"file", file.string()}}});
    content.inputNames.assign(names.begin(), names.end());
    for (const auto& [split, ending] : {std::pair(&content.test, std::string_view()), std::pair(&content.train, trainEnding)}) {
        std::vector<tensor::Tensor> inputs;
        inputs.reserve(names.size());
        for (const std::string& name : names)
            inputs.push_back(take(*arrays, name + std::string(ending)));
        const auto missing = std::ranges::count_if(inputs, &tensor::Tensor::isNull);
        if (missing == static_cast<std::ptrdiff_t>(inputs.size())) continue;
        if (missing > 0) {
            const auto first = std::ranges::find_if(inputs, &tensor::Tensor::isNull) - inputs.begin();
            return base::failure(base::ErrorCode::Rejected, file.string() + " holds no array \"" + *std::next(names.begin(), first) +
                                                                std::string(ending) + "\", but others of that kind.");
        }
        split->samples = std::move(inputs.front());
        split->more.assign(std::make_move_iterator(inputs.begin() + 1), std::make_move_iterator(inputs.end()));
    }
    return InMemoryDataset::create(std::move(content));
}

} // namespace lathe::data
