#include <ATen/TensorOperators.h>
#include <ATen/ops/nonzero.h>

#include <core/measure/counted_labels_torch.h>
#include <core/measure/task_choice.h>

namespace lathe::measure {

at::Tensor countedLabels(const at::Tensor& labels, std::int64_t classes) {
    at::Tensor counts = labels.ge(0);
    if (classes <= ignoredLabel) counts = counts.logical_and_(labels.ne(ignoredLabel));
    return counts.nonzero().flatten();
}

} // namespace lathe::measure
