#include <core/transform/prune/channel_rules.h>

#include <map>

#include <core/graph/ops.h>
#include <core/transform/rewrite.h>

namespace lathe::transform {

namespace {

std::map<std::string_view, ChannelRule> makeTable() {
    std::map<std::string_view, ChannelRule> table;
    const auto add = [&](ChannelRule rule, std::initializer_list<std::string_view> names) {
        for (const std::string_view name : names)
            table[name] = rule;
    };
    add(ChannelRule::Keeps,
        {"relu",          "relu6",      "sigmoid",   "tanh",        "gelu",     "silu",       "mish",   "elu",       "selu",
         "celu",          "hardtanh",   "hardswish", "hardsigmoid", "softplus", "leaky_relu", "clamp",  "clamp_min", "clamp_max",
         "abs",           "neg",        "exp",       "log",         "sqrt",     "rsqrt",      "square", "dropout",   "feature_dropout",
         "alpha_dropout", "contiguous", "clone",     "detach",      "to",       "alias"});
    add(ChannelRule::Pools, {"max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d", "adaptive_avg_pool1d",
                             "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool2d", "upsample_nearest1d",
                             "upsample_nearest2d", "upsample_nearest3d", "upsample_bilinear2d"});
    add(ChannelRule::Broadcasts, {"add", "sub", "mul", "div", "maximum", "minimum"});
    add(ChannelRule::Reshapes, {"view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "_unsafe_view", "_reshape_alias"});
    add(ChannelRule::Reduces, {"mean", "sum", "amax", "amin"});
    add(ChannelRule::Measures, {"size", "dim", "numel", "is_floating_point", "sym_size"});
    table["batch_norm"] = ChannelRule::BatchNorm;
    table["cat"] = table["concat"] = ChannelRule::Concatenates;
    table["transpose"] = ChannelRule::Transposes;
    table["permute"] = ChannelRule::Permutes;
    return table;
}

} // namespace

ChannelRule channelRule(std::string_view op) {
    static const std::map<std::string_view, ChannelRule> table = makeTable();
    if (graph::isConvolution(op)) return ChannelRule::Convolves;
    if (graph::isLinear(op)) return ChannelRule::Multiplies;
    if (!op.starts_with("aten::")) return ChannelRule::Unknown;
    const auto found = table.find(baseName(op));
    return found == table.end() ? ChannelRule::Unknown : found->second;
}

} // namespace lathe::transform
