#include <core/graph/operators/rows.h>

namespace lathe::graph {

namespace {

constexpr OperatorRow rows[] = {
    {"aten::batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, float "
     "momentum, float eps, bool cudnn_enabled) -> Tensor",
     {.channels = ChannelRule::BatchNorm,
      .order = MemoryOrder::Keeps,
      .training = "training",
      .updatesStatistics = true,
      .weights = {"weight", "bias"}}},
    {"aten::native_batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, float "
     "momentum, float eps) -> (Tensor, Tensor, Tensor)",
     {.training = "training", .updatesStatistics = true}},
    {"aten::cudnn_batch_norm(Tensor input, Tensor weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, float "
     "exponential_average_factor, float epsilon) -> (Tensor, Tensor, Tensor, Tensor)",
     {.training = "training", .updatesStatistics = true}},
    {"aten::_native_batch_norm_legit(Tensor input, Tensor? weight, Tensor? bias, Tensor(a!) running_mean, Tensor(b!) running_var, bool "
     "training, float momentum, float eps) -> (Tensor, Tensor, Tensor)",
     {.training = "training"}},
    {"aten::_native_batch_norm_legit_functional(Tensor input, Tensor? weight, Tensor? bias, Tensor running_mean, Tensor running_var, bool "
     "training, float momentum, float eps) -> (Tensor, Tensor, Tensor, Tensor running_mean_out, Tensor running_var_out)",
     {.training = "training"}},
    {"aten::_native_batch_norm_legit_no_training(Tensor input, Tensor? weight, Tensor? bias, Tensor running_mean, Tensor running_var, "
     "float momentum, float eps) -> (Tensor, Tensor, Tensor)"},
    {"aten::instance_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool use_input_stats, "
     "float momentum, float eps, bool cudnn_enabled) -> Tensor",
     {.channels = ChannelRule::BatchNorm, .training = "use_input_stats", .weights = {"weight", "bias"}}},
    {"aten::layer_norm(Tensor input, SymInt[] normalized_shape, Tensor? weight=None, Tensor? bias=None, float eps=1.0000000000000001e-05, "
     "bool cudnn_enable=True) -> Tensor",
     {.channels = ChannelRule::KeepsOthers, .weights = {"weight", "bias"}}},
    {"aten::native_layer_norm(Tensor input, SymInt[] normalized_shape, Tensor? weight, Tensor? bias, float eps) -> (Tensor, Tensor, "
     "Tensor)",
     {.weights = {"weight", "bias"}}},
    {"aten::group_norm(Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float eps=1.0000000000000001e-05, bool "
     "cudnn_enabled=True) -> Tensor",
     {.channels = ChannelRule::GroupNorm, .order = MemoryOrder::Keeps, .weights = {"weight", "bias"}}},
    {"aten::rms_norm(Tensor input, SymInt[] normalized_shape, Tensor? weight=None, float? eps=None) -> Tensor",
     {.channels = ChannelRule::KeepsOthers, .weights = {"weight"}}},
};

} // namespace

FamilyRows normalizationRows() { return {Family::Normalization, rows}; }

} // namespace lathe::graph
