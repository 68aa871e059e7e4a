#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <core/steps/step.h>
#include <core/steps/step_spec.h>

namespace lathe::steps {

/// The parameters of a step with their types: each is declared once, and is both a line of the step's description (spec()) and the way to
/// read it (of()). Recipes are validated against the description, so reading cannot fail.

enum class Reach {
    Step, ///< one value for the whole step
    Layer ///< "layers" may set it for single layers
};

struct FlagParameter {
    std::string_view key;
    bool defaultValue;
    Reach reach = Reach::Step;

    [[nodiscard]] ParameterSpec spec() const;
    [[nodiscard]] bool of(const Step& step) const;
    [[nodiscard]] bool of(const Step& step, std::string_view layer) const;
};

struct NumberParameter {
    std::string_view key;
    double defaultValue, minimum, maximum; ///< both inclusive
    Reach reach = Reach::Step;

    [[nodiscard]] ParameterSpec spec() const;
    [[nodiscard]] double of(const Step& step) const;
    [[nodiscard]] double of(const Step& step, std::string_view layer) const;
};

struct IntegerParameter {
    std::string_view key;
    std::int64_t defaultValue, minimum, maximum; ///< both inclusive
    Reach reach = Reach::Step;

    [[nodiscard]] ParameterSpec spec() const;
    [[nodiscard]] std::int64_t of(const Step& step) const;
    [[nodiscard]] std::int64_t of(const Step& step, std::string_view layer) const;
};

/// Any text; "" is the default.
struct TextParameter {
    std::string_view key;
    Reach reach = Reach::Step;

    [[nodiscard]] ParameterSpec spec() const;
    [[nodiscard]] std::string of(const Step& step) const;
    [[nodiscard]] std::string of(const Step& step, std::string_view layer) const;
};

/// One of several whole numbers; the first is the default.
template<std::size_t count>
struct NumberChoice {
    std::string_view key;
    std::array<int, count> choices;
    Reach reach = Reach::Step;

    [[nodiscard]] ParameterSpec spec() const {
        return {std::string(key), ParameterKind::Choice, choices.front(), 0, 0, {choices.begin(), choices.end()}, reach == Reach::Layer};
    }
    [[nodiscard]] int of(const Step& step) const { return valueOr(step.setting(key)); }
    [[nodiscard]] int of(const Step& step, std::string_view layer) const { return valueOr(step.setting(key, layer)); }

private:
    [[nodiscard]] int valueOr(const std::optional<base::Json>& set) const { return set ? set->get<int>() : choices.front(); }
};

/// One of several words, each with what it means in C++; the first is the default.
template<class Meaning, std::size_t count>
struct WordChoice {
    std::string_view key;
    std::array<std::pair<std::string_view, Meaning>, count> choices;
    Reach reach = Reach::Step;

    [[nodiscard]] ParameterSpec spec() const {
        ParameterSpec spec{std::string(key), ParameterKind::Choice, choices.front().first, 0, 0, {}, reach == Reach::Layer};
        for (const auto& [word, meaning] : choices)
            spec.choices.emplace_back(word);
        return spec;
    }
    /// As the recipe has it.
    [[nodiscard]] std::string word(const Step& step) const {
        const auto set = step.setting(key);
        return set ? set->get<std::string>() : std::string(choices.front().first);
    }
    [[nodiscard]] Meaning of(const Step& step) const { return meaningOf(step.setting(key)); }
    [[nodiscard]] Meaning of(const Step& step, std::string_view layer) const { return meaningOf(step.setting(key, layer)); }

private:
    [[nodiscard]] Meaning meaningOf(const std::optional<base::Json>& set) const {
        for (const auto& [word, meaning] : choices) {
            if (set && *set == word) return meaning;
        }
        return choices.front().second;
    }
};

} // namespace lathe::steps
