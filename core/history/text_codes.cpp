#include <core/history/text_codes.h>

#include <array>
#include <utility>

namespace lathe::history {
namespace {

template<class Enum>
struct Codes;

template<>
struct Codes<RunState> {
    static constexpr std::array<std::pair<RunState, const char*>, 5> table{{{RunState::Running, "running"},
                                                                            {RunState::Complete, "complete"},
                                                                            {RunState::Cancelled, "cancelled"},
                                                                            {RunState::Failed, "failed"},
                                                                            {RunState::Interrupted, "interrupted"}}};
};
template<>
struct Codes<RunRole> {
    static constexpr std::array<std::pair<RunRole, const char*>, 2> table{
        {{RunRole::Baseline, "baseline"}, {RunRole::Optimized, "optimized"}}};
};
template<>
struct Codes<measure::Truth> {
    static constexpr std::array<std::pair<measure::Truth, const char*>, 2> table{
        {{measure::Truth::Real, "real"}, {measure::Truth::Simulated, "simulated"}}};
};
template<>
struct Codes<measure::Verdict> {
    static constexpr std::array<std::pair<measure::Verdict, const char*>, 4> table{
        {{measure::Verdict::Faster, "faster"},
         {measure::Verdict::Slower, "slower"},
         {measure::Verdict::NoSignificantDifference, "no_significant_difference"},
         {measure::Verdict::NotReliable, "not_reliable"}}};
};
template<>
struct Codes<ExportVerdict> {
    static constexpr std::array<std::pair<ExportVerdict, const char*>, 3> table{
        {{ExportVerdict::Same, "same"}, {ExportVerdict::Different, "different"}, {ExportVerdict::NotJudged, "not_judged"}}};
};

template<class Enum>
const char* codeOf(Enum value) {
    for (const auto& [entry, text] : Codes<Enum>::table)
        if (entry == value) return text;
    return "";
}

} // namespace

const char* code(RunState state) { return codeOf(state); }
const char* code(RunRole role) { return codeOf(role); }
const char* code(measure::Truth kind) { return codeOf(kind); }
const char* code(measure::Verdict verdict) { return codeOf(verdict); }
const char* code(ExportVerdict verdict) { return codeOf(verdict); }

template<class Enum>
Enum fromCode(std::string_view text) {
    for (const auto& [value, entry] : Codes<Enum>::table)
        if (entry == text) return value;
    throw Damaged("\"" + std::string(text) + "\" stands where a state or kind is expected");
}

template RunState fromCode<RunState>(std::string_view);
template RunRole fromCode<RunRole>(std::string_view);
template measure::Truth fromCode<measure::Truth>(std::string_view);
template measure::Verdict fromCode<measure::Verdict>(std::string_view);
template ExportVerdict fromCode<ExportVerdict>(std::string_view);

} // namespace lathe::history
