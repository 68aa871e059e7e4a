#include <views/models/run_text.h>

#include <cmath>

#include <QCoreApplication>

#include <views/models/engine_text.h>
#include <views/models/number_text.h>

namespace lathe::views {

namespace {

struct RunText {
    Q_DECLARE_TR_FUNCTIONS(lathe::views::RunText)
};

} // namespace

QString speedupBaselineText(const measure::Speedup& speedup) { return engineText(speedup.baseline); }

QString notReliableText(const std::string& reason) {
    if (reason.empty()) return {};
    return RunText::tr("Not reliable: %1 Measure it again when the machine has nothing else to do.").arg(engineText(reason));
}

QString doubtText(const history::RunRow& row) {
    std::string reason = row.result.latency.whyNotReliable;
    if (row.comparison && row.comparison->speedup.verdict == measure::Verdict::NotReliable) reason = row.comparison->speedup.reason;
    return hasResult(row) ? notReliableText(reason) : QString();
}

bool hasResult(const history::RunRow& row) { return row.state == history::RunState::Complete; }

QString measuredSpeedupText(const measure::Speedup& speedup) {
    if (speedup.verdict == measure::Verdict::NotReliable) return RunText::tr("not reliable");
    if (speedup.verdict == measure::Verdict::NoSignificantDifference) return RunText::tr("no significant difference");
    return RunText::tr("%1× (%2–%3)", "ratio and its 95 % interval")
        .arg(ratioText(speedup.ratio), ratioText(speedup.low), ratioText(speedup.high));
}

QString sqnrText(const measure::Quality& quality) {
    if (measure::isIdentical(quality)) return RunText::tr("identical");
    return quality.sqnrDb ? decibelText(quality.sqnrDb) : QStringLiteral("—");
}

double accuracyHalfWidth(double accuracy, std::int64_t samples) {
    if (samples <= 0) return 0;
    constexpr double z = 1.959964;
    const double n = static_cast<double>(samples);
    return z / (1 + z * z / n) * std::sqrt(accuracy * (1 - accuracy) / n + z * z / (4 * n * n));
}

} // namespace lathe::views
