#pragma once

#include <core/steps/step_definition.h>

namespace lathe::steps {

/// Replaces linear layers and convolutions by two or three smaller ones of low rank (transform/factorize). Linear layers, 1x1 convolutions
/// and method "channel" take the error of the outputs on samples where there is data (criterion "activations"), else that of the weights.
/// The rank keeps a share of the layer's parameters or MACs, a share of the energy, or is told. A layer that would not get smaller stays as
/// it is. Per layer: loss, sqnr_db, rank, parameters_before, parameters_after, and where samples counted output_error, the share of the
/// outputs' variance that is lost. Rejected for NaN weights.
[[nodiscard]] StepDefinition factorize();

} // namespace lathe::steps
