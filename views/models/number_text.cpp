#include <views/models/number_text.h>

#include <algorithm>
#include <array>
#include <cmath>

#include <QCoreApplication>
#include <QLocale>

namespace lathe::views {

namespace {

const QString missing = QStringLiteral("–");

/// 61706 → 61.7 with prefix "k".
struct Scaled {
    double value;
    QString prefix;
};
Scaled scaled(double value) {
    static const std::array<QString, 5> prefixes{QString(), QStringLiteral("k"), QStringLiteral("M"), QStringLiteral("G"),
                                                 QStringLiteral("T")};
    std::size_t step = 0;
    while (std::abs(value) >= 999.5 && step + 1 < prefixes.size()) {
        value /= 1000;
        ++step;
    }
    return {value, prefixes[step]};
}

/// `digits` significant digits without exponent; whole numbers whole.
QString significant(double value, int digits) {
    if (value == std::floor(value)) return QLocale().toString(value, 'f', 0);
    // The exponent after rounding: 0.9996 with three digits is 1.00.
    const int exponent = QString::number(value, 'e', digits - 1).section(u'e', 1).toInt();
    return QLocale().toString(value, 'f', std::max(0, digits - 1 - exponent));
}

QString threeDigits(double value) { return significant(value, 3); }

struct Words {
    Q_DECLARE_TR_FUNCTIONS(lathe::views::NumberText)
};

} // namespace

QString countText(std::int64_t count) { return QLocale().toString(static_cast<qlonglong>(count)); }

QString knownCountText(std::optional<std::int64_t> count) { return count ? countText(*count) : Words::tr("unknown"); }

QString shortCountText(std::int64_t count) {
    const Scaled number = scaled(static_cast<double>(count));
    return number.prefix.isEmpty() ? threeDigits(number.value) : threeDigits(number.value) % u' ' % number.prefix;
}

QString macsText(std::int64_t macs, std::int64_t unknownLayers) {
    if (macs <= 0 && unknownLayers > 0) return Words::tr("MACs unknown");
    const Scaled number = scaled(static_cast<double>(macs));
    const QString known = threeDigits(number.value) % u' ' % number.prefix % QStringLiteral("MAC");
    if (unknownLayers == 0) return known;
    //: %1 is a number of multiply-accumulates, which is only a part of all: the shapes of some layers are not known
    return Words::tr("≥ %1, %n layers unknown", nullptr, static_cast<int>(unknownLayers)).arg(known);
}

QString bytesText(std::int64_t bytes) {
    const Scaled number = scaled(static_cast<double>(bytes));
    return threeDigits(number.value) % u' ' % number.prefix % u'B';
}

QString percentText(double fraction, int digits) {
    if (!std::isfinite(fraction)) return missing;
    return QLocale().toString(fraction * 100, 'f', digits) % QStringLiteral(" %");
}

QString signedText(double value, int digits) {
    if (!std::isfinite(value)) return missing;
    const QString magnitude = QLocale().toString(std::abs(value), 'f', digits);
    const bool isZero = magnitude == QLocale().toString(0.0, 'f', digits);
    return isZero ? magnitude : (value < 0 ? u'−' : u'+') + magnitude;
}

QString figureText(std::optional<double> value) {
    if (!value || !std::isfinite(*value)) return missing;
    constexpr double smallest = 1e-6, firstWithPrefix = 999'999.5;
    constexpr int digits = 4;
    const double magnitude = std::abs(*value);
    if (magnitude != 0 && magnitude < smallest)
        return (*value > 0 ? QStringLiteral("< ") : QStringLiteral("> −")) % QLocale().toString(smallest, 'f', 6);
    if (magnitude < firstWithPrefix) return significant(*value, digits);
    const Scaled number = scaled(*value);
    return threeDigits(number.value) % u' ' % number.prefix;
}

QString settingText(double value, const QLocale& locale) {
    QString text = locale.toString(value, 'f', 6);
    const QString point = locale.decimalPoint();
    if (!text.contains(point)) return text;
    while (text.endsWith(locale.zeroDigit()))
        text.chop(1);
    if (text.endsWith(point)) text.chop(point.size());
    return text;
}

QString decibelText(std::optional<double> value) {
    if (!value || !std::isfinite(*value)) return missing;
    return QLocale().toString(*value, 'f', 1) % QStringLiteral(" dB");
}

QString microsecondsText(std::optional<double> value) {
    if (!value || !std::isfinite(*value)) return missing;
    const double magnitude = std::abs(*value);
    if (magnitude < 0.005) return QStringLiteral("0 µs");
    if (magnitude < 999.5) return threeDigits(*value) % QStringLiteral(" µs");
    if (magnitude < 999'500) return threeDigits(*value / 1000) % QStringLiteral(" ms");
    return threeDigits(*value / 1e6) % QStringLiteral(" s");
}

TimeUnit timeUnitFor(double milliseconds) {
    if (milliseconds < 0.9995) return TimeUnit::Microseconds;
    return milliseconds < 999.5 ? TimeUnit::Milliseconds : TimeUnit::Seconds;
}

QString unitName(TimeUnit unit) {
    switch (unit) {
    case TimeUnit::Microseconds:
        return QStringLiteral("µs");
    case TimeUnit::Milliseconds:
        return QStringLiteral("ms");
    case TimeUnit::Seconds:
        break;
    }
    return QStringLiteral("s");
}

QString timeText(double milliseconds, TimeUnit unit) {
    if (!std::isfinite(milliseconds)) return missing;
    switch (unit) {
    case TimeUnit::Microseconds:
        return QLocale().toString(milliseconds * 1000, 'f', 1);
    case TimeUnit::Milliseconds:
        // A fast run among slow ones keeps a digit that says something.
        return QLocale().toString(milliseconds, 'f', milliseconds < 0.1 ? 3 : 2);
    case TimeUnit::Seconds:
        break;
    }
    return QLocale().toString(milliseconds / 1000, 'f', 3);
}

QString ratioText(double ratio, int decimals) { return std::isfinite(ratio) ? QLocale().toString(ratio, 'f', decimals) : missing; }

QString unitText(double value, const QString& unit) {
    if (!std::isfinite(value)) return missing;
    if (unit == QStringLiteral("µs")) return microsecondsText(value);
    const double magnitude = std::abs(value);
    QString number = figureText(value);
    if (magnitude >= 1000) {
        number = shortCountText(std::llround(value));
    } else if (magnitude >= 1e-6) {
        number = threeDigits(value);
    }
    return unit.isEmpty() ? number : number % u' ' % unit;
}

QString durationText(double seconds) {
    const auto total = static_cast<qint64>(std::ceil(std::max(0.0, seconds)));
    const QString twoDigits = QStringLiteral("%1:%2");
    const qint64 hours = total / 3600, minutes = total / 60 % 60;
    const QString tail = QString::number(total % 60).rightJustified(2, u'0');
    if (hours == 0) return twoDigits.arg(minutes).arg(tail);
    return twoDigits.arg(hours).arg(twoDigits.arg(QString::number(minutes).rightJustified(2, u'0'), tail));
}

QString shapeText(const QString& shape) { return QString(shape).replace(u'x', u'×'); }

QString signatureText(const QString& signature) {
    const qsizetype colon = signature.lastIndexOf(QStringLiteral(": ")), open = signature.indexOf(u'[', std::max<qsizetype>(colon, 0));
    if (colon < 0 || open < 0 || !signature.endsWith(u']')) return signature;
    const QStringView sizes = QStringView(signature).sliced(open + 1).chopped(1);
    return signature.first(colon) % (sizes.isEmpty() ? u"" : u" ") % sizes.toString().replace(u',', u'×');
}

} // namespace lathe::views
