#include <core/data/npz_dataset.h>

#include <map>

#include <core/data/in_memory_dataset.h>
#include <core/data/npz.h>

namespace lathe::data {

namespace {

/// Takes the array out of the map; a null tensor when there is none.
tensor::Tensor take(std::map<std::string, tensor::Tensor>& arrays, const std::string& name) {
    auto node = arrays.extract(name);
    return node.empty() ? tensor::Tensor{} : node.mapped();
}

} // namespace

base::Result<std::shared_ptr<const Dataset>> openNpzDataset(const std::filesystem::path& file) {
    auto arrays = readNpz(file);
    if (!arrays) return base::forward(arrays);
    DatasetContent content;
    content.name = file.filename().string();
    content.test.labels = take(*arrays, "y");
    content.train.samples = take(*arrays, "x_train");
    content.train.labels = take(*arrays, "y_train");
    content.test.samples = take(*arrays, "x");
    if (content.test.samples.isNull() && arrays->size() == 1) content.test.samples = take(*arrays, arrays->begin()->first);

    if (!arrays->empty()) {
        std::string names;
        for (const auto& [name, array] : *arrays) {
            names += (names.empty() ? "\"" : ", \"") + name + "\"";
        }
        return base::failure(base::ErrorCode::Unsupported, file.string() + " holds more arrays than x and y (" + names +
                                                               "): models with several inputs cannot be evaluated.");
    }
    if (content.test.samples.isNull() && content.train.samples.isNull()) {
        return base::failure(base::ErrorCode::Rejected, file.string() + " holds no samples: an array \"x\" is needed.");
    }
    return InMemoryDataset::create(std::move(content));
}

} // namespace lathe::data
