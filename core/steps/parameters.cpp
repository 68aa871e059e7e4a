#include <core/steps/parameters.h>

namespace lathe::steps {

namespace {

template<class T>
T valueOr(const std::optional<base::Json>& set, T defaultValue) {
    return set ? set->get<T>() : defaultValue;
}

} // namespace

ParameterSpec FlagParameter::spec() const {
    return {std::string(key), ParameterKind::Boolean, defaultValue, 0, 0, {}, reach == Reach::Layer};
}
bool FlagParameter::of(const Step& step) const { return valueOr(step.setting(key), defaultValue); }
bool FlagParameter::of(const Step& step, std::string_view layer) const { return valueOr(step.setting(key, layer), defaultValue); }

ParameterSpec NumberParameter::spec() const {
    return {std::string(key), ParameterKind::Number, defaultValue, minimum, maximum, {}, reach == Reach::Layer};
}
double NumberParameter::of(const Step& step) const { return valueOr(step.setting(key), defaultValue); }
double NumberParameter::of(const Step& step, std::string_view layer) const { return valueOr(step.setting(key, layer), defaultValue); }

ParameterSpec IntegerParameter::spec() const {
    return {std::string(key),     ParameterKind::Integer, defaultValue, static_cast<double>(minimum), static_cast<double>(maximum), {},
            reach == Reach::Layer};
}
ParameterSpec TextParameter::spec() const { return {std::string(key), ParameterKind::Text, "", 0, 0, {}, reach == Reach::Layer}; }
std::string TextParameter::of(const Step& step) const { return valueOr(step.setting(key), std::string()); }
std::string TextParameter::of(const Step& step, std::string_view layer) const { return valueOr(step.setting(key, layer), std::string()); }

std::int64_t IntegerParameter::of(const Step& step) const { return valueOr(step.setting(key), defaultValue); }
std::int64_t IntegerParameter::of(const Step& step, std::string_view layer) const {
    return valueOr(step.setting(key, layer), defaultValue);
}

} // namespace lathe::steps
