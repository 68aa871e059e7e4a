#pragma once

#include <memory>

#include <core/data/dataset.h>
#include <core/runtime/device.h>
#include <core/transform/apply_step.h>

namespace lathe::engine {

/// What transform needs of runtime and data: constant folding by evaluating nodes, and activation ranges from the training split (the test
/// split when there is no other), run through the float graph. Without `dataset` collecting is InvalidArgument.
[[nodiscard]] transform::StepServices stepServices(std::shared_ptr<const data::Dataset> dataset, runtime::Device device);

} // namespace lathe::engine
