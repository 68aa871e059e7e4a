#pragma once

// What stood here has places of its own; includes of this header become includes of those.
#include <core/graph/layer_weight.h>
#include <core/graph/operators/macs.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/operator.h>
