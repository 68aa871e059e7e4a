#include <cmath>

#include <core/base/files.h>
#include <core/graph/layers.h>
#include <core/recipe/recipe.h>
#include <core/steps/canonical.h>
#include <core/steps/step_table.h>

namespace lathe::recipe {

namespace {

using base::Json;
using base::Message;

enum class Place { Step, Layer };

tl::unexpected<base::Error> rejected(const Message& where, const Message& what) {
    return base::failure(base::ErrorCode::Rejected, where.empty() ? what : Message("recipe.at", {{"place", where}, {"problem", what}}));
}

/// A value as a person reads it in an error; long ones are cut.
std::string shown(const Json& value) {
    std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (text.size() > 60) text = text.substr(0, 57) + "...";
    return text;
}

tl::unexpected<base::Error> unknown(const Message& where, const Message& kind, const std::string& name, const std::string& nearest) {
    if (nearest.empty()) return rejected(where, {"recipe.unknown", {{"kind", kind}, {"name", name}}});
    return rejected(where, {"recipe.unknownNearest", {{"kind", kind}, {"name", name}, {"nearest", nearest}}});
}

tl::unexpected<base::Error> unknown(const Message& where, const Message& kind, const std::string& name,
                                    const std::vector<std::string>& known) {
    return unknown(where, kind, name, graph::nearestName(name, known));
}

tl::unexpected<base::Error> isMissing(const Message& where, const std::string& key) {
    return rejected(where, {"recipe.isMissing", {{"key", key}}});
}
/// `kind` is the code of what the value must be.
tl::unexpected<base::Error> mustBe(const Message& where, const std::string& key, const Message& kind, const Json& value) {
    return rejected(where, {"recipe.mustBe", {{"key", key}, {"kind", kind}, {"value", shown(value)}}});
}
tl::unexpected<base::Error> mustBeObject(const Message& where, const Json& value) {
    return rejected(where, {"recipe.mustBeObject", {{"value", shown(value)}}});
}

// Kinds of values.
Message trueOrFalse() { return {"recipe.trueOrFalse", {}}; }
Message aText() { return {"recipe.aText", {}}; }
Message anObject() { return {"recipe.anObject", {}}; }
Message aList() { return {"recipe.aList", {}}; }
Message aKey() { return {"recipe.key", {}}; }

/// 1000 instead of 1000.0, 0.99 instead of 0.98999999999999999.
std::string numberText(double number) {
    return number == std::floor(number) ? std::to_string(static_cast<std::int64_t>(number)) : Json(number).dump();
}

base::Result<> checkValue(const steps::ParameterSpec& spec, const Json& value, const Message& where) {
    const auto must = [&](const Message& kind) { return mustBe(where, spec.key, kind, value); };
    switch (spec.kind) {
    case steps::ParameterKind::Boolean:
        if (!value.is_boolean()) return must(trueOrFalse());
        return {};
    case steps::ParameterKind::Text:
        if (!value.is_string()) return must(aText());
        return {};
    case steps::ParameterKind::Integer:
        if (!value.is_number_integer()) return must({"recipe.aWholeNumber", {}});
        break;
    case steps::ParameterKind::Number:
        if (!value.is_number()) return must({"recipe.aNumber", {}});
        break;
    case steps::ParameterKind::Choice: {
        std::string names;
        for (const Json& choice : spec.choices) {
            if (choice == value) return {};
            names += (names.empty() ? "" : ", ") + shown(choice);
        }
        return must(spec.choices.size() == 1 ? Message(names) : Message("recipe.oneOf", {{"names", names}}));
    }
    }
    const auto number = value.get<double>();
    if (!(number >= spec.minimum && number <= spec.maximum)) {
        return must({"recipe.between", {{"least", numberText(spec.minimum)}, {"most", numberText(spec.maximum)}}});
    }
    return {};
}

/// Checks the parameters of a step or of one layer in it. `prefix` is "weights." inside of "weights": {…}.
base::Result<> checkParameters(const steps::StepSpec& spec, const Json& object, const std::string& prefix, Place place,
                               const Message& where) {
    for (const auto& [key, value] : object.items()) {
        const std::string full = prefix + key;
        if (const steps::ParameterSpec* parameter = steps::findParameter(spec, full)) {
            if (place == Place::Layer && !parameter->perLayer) {
                return rejected(where, {"recipe.wholeStepOnly", {{"key", full}}});
            }
            if (auto result = checkValue(*parameter, value, where); !result) return result;
            continue;
        }
        std::vector<std::string> known;
        bool isGroup = false;
        for (const steps::ParameterSpec& parameter : spec.parameters) {
            if (place == Place::Step || parameter.perLayer) known.push_back(parameter.key);
            isGroup = isGroup || parameter.key.starts_with(full + ".");
        }
        if (!isGroup) {
            // Beside its own keys a step has these; "weights.bits" may be the word for a lone "bits".
            if (place == Place::Step && prefix.empty()) known.insert(known.end(), {"op", "enabled", "layers", "where"});
            for (const steps::ParameterSpec& parameter : spec.parameters) {
                if (parameter.key.ends_with("." + full)) return unknown(where, {"recipe.parameter", {}}, full, parameter.key);
            }
            return unknown(where, {"recipe.parameter", {}}, full, known);
        }
        if (!value.is_object()) return mustBe(where, full, anObject(), value);
        if (auto result = checkParameters(spec, value, full + ".", place, where); !result) return result;
    }
    return {};
}

base::Result<steps::Where> parseWhere(const steps::StepSpec& spec, const Json& json, const Message& where) {
    if (!steps::takesWhere(spec)) return rejected(where, {"recipe.takesNoWhere", {}});
    if (!json.is_array()) return mustBe(where, "where", {"recipe.aListOfPatterns", {}}, json);
    steps::Where rule;
    for (const Json& entry : json) {
        if (!entry.is_string() || entry == "" || entry == "!")
            return rejected(where, {"recipe.mustHoldPatterns", {{"value", shown(entry)}}});
        rule.push_back(entry.get<std::string>());
    }
    return rule;
}

base::Result<steps::Step> parseStep(const Json& json, std::size_t number) {
    Message where("recipe.step", {{"number", number}});
    if (!json.is_object()) return mustBeObject(where, json);
    const auto op = json.find("op");
    if (op == json.end()) return isMissing(where, "op");
    if (!op->is_string()) return mustBe(where, "op", aText(), *op);

    steps::Step step;
    step.op = op->get<std::string>();
    const steps::StepSpec* spec = steps::findStepSpec(step.op);
    if (spec == nullptr) {
        std::vector<std::string> known;
        for (const steps::StepSpec& candidate : steps::stepSpecs())
            known.push_back(candidate.op);
        return unknown(where, {"recipe.op", {}}, step.op, known);
    }
    where = {"recipe.stepWithOp", {{"number", number}, {"op", step.op}}};

    Json parameters = json;
    parameters.erase("op");
    if (const auto enabled = json.find("enabled"); enabled != json.end()) {
        if (!enabled->is_boolean()) return mustBe(where, "enabled", trueOrFalse(), *enabled);
        step.enabled = enabled->get<bool>();
        parameters.erase("enabled");
    }
    if (const auto layers = json.find("layers"); layers != json.end()) {
        if (!layers->is_object()) return mustBe(where, "layers", anObject(), *layers);
        for (const auto& [pattern, overrides] : layers->items()) {
            const Message layer("recipe.layerOfStep", {{"place", where}, {"layer", pattern}});
            if (!overrides.is_object()) return mustBeObject(layer, overrides);
            if (auto result = checkParameters(*spec, overrides, "", Place::Layer, layer); !result) return base::forward(result);
            step.layers.emplace_back(pattern, steps::canonical(*spec, overrides, steps::Defaults::Keep));
        }
        parameters.erase("layers");
    }
    if (const auto rule = json.find("where"); rule != json.end()) {
        auto parsed = parseWhere(*spec, *rule, where);
        if (!parsed) return base::forward(parsed);
        step.where = std::move(*parsed);
        parameters.erase("where");
    }
    if (auto result = checkParameters(*spec, parameters, "", Place::Step, where); !result) return base::forward(result);
    step.parameters = steps::canonical(*spec, parameters, steps::Defaults::Drop);
    return step;
}

base::Result<> parseVersion(const Json& json) {
    const auto version = json.find("lathe");
    if (version == json.end()) return rejected("", {"recipe.isNone", {}});
    if (!version->is_number_integer() || *version < 1) return mustBe("", "lathe", "1", *version);
    if (*version > formatVersion) {
        return rejected("", {"recipe.isNewer", {{"format", shown(*version)}, {"known", formatVersion}}});
    }
    return {};
}

bool isSha256(const std::string& text) { return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos; }

base::Result<std::string> parseModel(const Json& model) {
    if (!model.is_object()) return mustBe("", "model", anObject(), model);
    std::string sha256;
    for (const auto& [key, value] : model.items()) {
        if (key != "sha256") return unknown("model", aKey(), key, std::vector<std::string>{"sha256"});
        if (!value.is_string() || !isSha256(value.get<std::string>())) {
            return mustBe("model", "sha256", {"recipe.aHash", {}}, value);
        }
        sha256 = value.get<std::string>();
    }
    return sha256;
}

} // namespace

base::Result<Recipe> parse(std::string_view text) {
    const auto json = base::parseJson(text);
    if (!json) return base::forward(json);
    if (!json->is_object()) return rejected("", {"recipe.mustBeObjectItself", {{"value", shown(*json)}}});
    if (auto result = parseVersion(*json); !result) return base::forward(result);

    Recipe recipe;
    for (const auto& [key, value] : json->items()) {
        if (key == "lathe") continue;
        if (key == "name") {
            if (!value.is_string()) return mustBe("", "name", aText(), value);
            recipe.name = value.get<std::string>();
        } else if (key == "model") {
            auto sha256 = parseModel(value);
            if (!sha256) return base::forward(sha256);
            recipe.modelSha256 = std::move(*sha256);
        } else if (key == "preprocessing") {
            auto preprocessing = preprocessingFromJson(value);
            if (!preprocessing) return base::forward(preprocessing);
            recipe.preprocessing = std::move(*preprocessing);
        } else if (key == "evaluation") {
            auto evaluation = evaluationFromJson(value);
            if (!evaluation) return base::forward(evaluation);
            recipe.evaluation = std::move(*evaluation);
        } else if (key == "steps") {
            if (!value.is_array()) return mustBe("", "steps", aList(), value);
            for (const Json& element : value) {
                auto step = parseStep(element, recipe.steps.size() + 1);
                if (!step) return base::forward(step);
                recipe.steps.push_back(std::move(*step));
            }
        } else {
            return unknown("", aKey(), key, std::vector<std::string>{"lathe", "name", "model", "preprocessing", "evaluation", "steps"});
        }
    }
    return recipe;
}

base::Result<Recipe> load(const std::string& path) {
    constexpr std::uintmax_t maxBytes = 16U << 20U;
    const auto text = base::readFile(path, maxBytes);
    if (!text) return base::forward(text);
    auto recipe = parse(*text);
    if (!recipe) return base::forward(recipe, {"while.readingRecipe", {{"file", path}}});
    return recipe;
}

} // namespace lathe::recipe
