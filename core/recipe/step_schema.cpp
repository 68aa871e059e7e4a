#include <core/recipe/step_schema.h>

#include <algorithm>

namespace lathe::recipe {

namespace {

enum class Scope { Step, Layer };

ParameterSpec boolean(std::string key, bool defaultValue, Scope scope) {
    return {std::move(key), ParameterKind::Boolean, defaultValue, 0, 0, {}, scope == Scope::Layer};
}

ParameterSpec integer(std::string key, std::int64_t defaultValue, double minimum, double maximum) {
    return {std::move(key), ParameterKind::Integer, defaultValue, minimum, maximum, {}, false};
}

ParameterSpec number(std::string key, double defaultValue, double minimum, double maximum, Scope scope) {
    return {std::move(key), ParameterKind::Number, defaultValue, minimum, maximum, {}, scope == Scope::Layer};
}

/// The first choice is the default.
ParameterSpec choice(std::string key, std::vector<base::Json> choices, Scope scope) {
    base::Json first = choices.front();
    return {std::move(key), ParameterKind::Choice, std::move(first), 0, 0, std::move(choices), scope == Scope::Layer};
}

std::vector<ParameterSpec> join(std::vector<ParameterSpec> first, const std::vector<ParameterSpec>& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

/// What all three kinds of quantization have in common.
std::vector<ParameterSpec> weightQuantization() {
    return {choice("weights.bits", {8, 4, 3, 2}, Scope::Layer), choice("weights.scheme", {"symmetric", "affine"}, Scope::Layer),
            choice("weights.granularity", {"channel", "tensor"}, Scope::Layer),
            choice("weights.calibrator", {"minmax", "mse"}, Scope::Layer), choice("keep", {"quantized", "float"}, Scope::Layer)};
}

std::vector<StepSpec> makeSpecs() {
    return {
        {"fuse.conv_bn", {}},
        {"fuse.conv_relu", {}},
        {"fuse.linear_relu", {}},
        {"clean.fold_constants", {}},
        {"clean.dead_code", {}},
        {"prune.unstructured",
         {number("ratio", 0.5, 0, 0.99, Scope::Layer), choice("criterion", {"l1", "random"}, Scope::Step),
          choice("scope", {"global", "layer"}, Scope::Step), boolean("skip", false, Scope::Layer)}},
        {"prune.structured",
         {number("ratio", 0.5, 0, 0.99, Scope::Layer), choice("criterion", {"l1", "l2", "random"}, Scope::Step),
          choice("scope", {"layer"}, Scope::Step), integer("round_to", 1, 1, 64), boolean("skip", false, Scope::Layer)}},
        {"finetune",
         {integer("epochs", 10, 1, 1000), number("learning_rate", 0.001, 0, 10, Scope::Step),
          number("momentum", 0.9, 0, 0.999, Scope::Step), number("weight_decay", 0, 0, 1, Scope::Step), integer("batch_size", 32, 1, 65536),
          integer("max_samples", 0, 0, 1e9)}},
        {"quantize.static",
         join(weightQuantization(),
              {choice("activations.bits", {8}, Scope::Layer), choice("activations.scheme", {"affine", "symmetric"}, Scope::Layer),
               choice("activations.range", {"auto", "full", "reduced"}, Scope::Layer),
               choice("activations.residuals", {"float", "quantized"}, Scope::Step),
               choice("calibrator", {"histogram", "minmax"}, Scope::Layer),
               choice("targets", {"both", "weights", "activations"}, Scope::Step), integer("samples", 512, 1, 1e9)})},
        {"quantize.dynamic", join(weightQuantization(), {choice("activations.granularity", {"tensor", "token"}, Scope::Step),
                                                         choice("activations.range", {"auto", "full", "reduced"}, Scope::Step)})},
        {"quantize.weight_only", weightQuantization()},
    };
}

} // namespace

const std::vector<StepSpec>& stepSpecs() {
    static const std::vector<StepSpec> specs = makeSpecs();
    return specs;
}

const StepSpec* findStepSpec(std::string_view op) {
    const auto& specs = stepSpecs();
    const auto found = std::ranges::find(specs, op, &StepSpec::op);
    return found == specs.end() ? nullptr : &*found;
}

bool takesWhere(const StepSpec& step) { return findParameter(step, "keep") != nullptr || findParameter(step, "skip") != nullptr; }

const ParameterSpec* findParameter(const StepSpec& step, std::string_view key) {
    const auto found = std::ranges::find(step.parameters, key, &ParameterSpec::key);
    return found == step.parameters.end() ? nullptr : &*found;
}

} // namespace lathe::recipe
