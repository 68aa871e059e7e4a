#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include <core/history/figures.h>

namespace lathe::history {

/// The member of Owner that `find` names, as the tables of figures have it: [](auto& owner) -> auto& { return owner.p50; }.
template<class Owner, class Find>
constexpr FigureMember<Owner> member(Find) {
    using Member = std::remove_reference_t<decltype(Find{}(std::declval<Owner&>()))>;
    FigureMember<Owner> figure;
    if constexpr (std::is_arithmetic_v<Member>) {
        figure.read = [](const Owner& owner) -> std::optional<double> { return static_cast<double>(Find{}(owner)); };
        figure.write = [](Owner& owner, double value) { Find{}(owner) = static_cast<Member>(value); };
        if constexpr (std::is_integral_v<Member>) figure.largestCount = static_cast<double>(std::numeric_limits<Member>::max());
    } else {
        using Number = typename Member::value_type;
        figure.read = [](const Owner& owner) -> std::optional<double> {
            const Member& value = Find{}(owner);
            return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
        };
        figure.write = [](Owner& owner, double value) { Find{}(owner) = static_cast<Number>(value); };
        if constexpr (std::is_integral_v<Number>) figure.largestCount = static_cast<double>(std::numeric_limits<Number>::max());
        figure.isOptional = true;
    }
    return figure;
}

} // namespace lathe::history
