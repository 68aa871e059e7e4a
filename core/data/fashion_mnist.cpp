#include <core/data/fashion_mnist.h>

#include <filesystem>

#include <core/data/idx_folder.h>
#include <core/data/resource_folder.h>

namespace lathe::data {

namespace {

std::filesystem::path folderOf(FashionMnistSize size) {
    if (size == FashionMnistSize::Full) return "/usr/share/datasets/fashion-mnist";
    return resourceFolder() / "samples" / "fashion-mnist-small";
}

} // namespace

bool isFashionMnistInstalled(FashionMnistSize size) {
    std::error_code error;
    return std::filesystem::exists(folderOf(size) / "train-images-idx3-ubyte.gz", error) &&
           std::filesystem::exists(folderOf(size) / "t10k-images-idx3-ubyte.gz", error);
}

base::Result<std::shared_ptr<const Dataset>> openFashionMnist(FashionMnistSize size) {
    return openIdxFolder(folderOf(size), size == FashionMnistSize::Full ? "fashion-mnist" : "fashion-mnist-small",
                         {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"}, 2);
}

} // namespace lathe::data
