#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// torchvision::nms: numbers of the boxes [n, 4] (two corners) that overlap none of higher score by more than the threshold, best first.
[[nodiscard]] KernelDefinition boxSuppression();

/// lathe::non_max_suppression, as ONNX has it: for each image and class of boxes [images, n, 4] and scores [images, classes, n] the best
/// boxes, as rows (image, class, box). At most so many for each class: none where that is not given. Scores have to be above their
/// threshold. Boxes are two opposite corners in any order, or centre, width and height.
[[nodiscard]] KernelDefinition classSuppression();

} // namespace lathe::runtime
