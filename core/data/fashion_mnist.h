#pragma once

#include <core/data/dataset.h>

namespace lathe::data {

enum class FashionMnistSize {
    Full,   ///< 60 000 training and 10 000 test images of Debian's package dataset-fashion-mnist
    Subset, ///< 3000 and 1000 of them, as many of each class, that Lathe ships (packaging/make_fashion_mnist_small.py)
};

/// Fashion-MNIST (Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747): pictures of clothes in ten classes. The model sees float32 1x32x32: the
/// 28x28 pixels divided by 255, with two rows or columns of zeros on each side, as LeNet-5 expects. Mean and deviation are left as they
/// are: values that are multiples of 1/255 survive 8-bit input quantization without any error, and training reaches the same accuracy.
[[nodiscard]] base::Result<std::shared_ptr<const Dataset>> openFashionMnist(FashionMnistSize size);
[[nodiscard]] bool isFashionMnistInstalled(FashionMnistSize size);

} // namespace lathe::data
