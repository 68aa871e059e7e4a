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

QString threeDigits(double value) {
    const double magnitude = std::abs(value);
    const int decimals = magnitude >= 100 || value == std::floor(value) ? 0 : magnitude >= 10 ? 1 : 2;
    return QLocale().toString(value, 'f', decimals);
}

} // namespace

QString countText(std::int64_t count) { return QLocale().toString(static_cast<qlonglong>(count)); }

QString knownCountText(std::int64_t count) { return count > 0 ? countText(count) : missing; }

QString shortCountText(std::int64_t count) {
    const Scaled number = scaled(static_cast<double>(count));
    return number.prefix.isEmpty() ? threeDigits(number.value) : threeDigits(number.value) % u' ' % number.prefix;
}

QString macsText(std::int64_t macs) {
    if (macs <= 0) return missing;
    const Scaled number = scaled(static_cast<double>(macs));
    return threeDigits(number.value) % u' ' % number.prefix % QStringLiteral("MAC");
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
    const double magnitude = std::abs(*value);
    if (magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e5)) return QLocale().toString(*value, 'e', 2);
    // Four significant digits without exponent.
    const int decimals = magnitude == 0 ? 0 : std::max(0, 3 - static_cast<int>(std::floor(std::log10(magnitude))));
    return QLocale().toString(*value, 'f', decimals);
}

QString decibelText(std::optional<double> value) {
    if (!value || !std::isfinite(*value)) return missing;
    return QLocale().toString(*value, 'f', 1) % QStringLiteral(" dB");
}

QString microsecondsText(std::optional<double> value) {
    if (!value || !std::isfinite(*value)) return missing;
    return QLocale().toString(*value, 'f', *value < 10 ? 2 : 1) % QStringLiteral(" µs");
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
