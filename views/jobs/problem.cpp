#include <views/jobs/problem.h>

#include <QCoreApplication>
#include <QStringList>

#include <views/models/engine_text.h>

namespace lathe::views {

namespace {

struct ProblemAdvice {
    Q_DECLARE_TR_FUNCTIONS(ProblemAdvice)
};

QString adviceFor(base::ErrorCode code) {
    switch (code) {
    case base::ErrorCode::Rejected:
        return ProblemAdvice::tr("Check the file, or choose another one.");
    case base::ErrorCode::InvalidArgument:
        return ProblemAdvice::tr("Change the setting that is named and try again.");
    case base::ErrorCode::NotFound:
        return ProblemAdvice::tr("Check that it is still there, or choose another one.");
    case base::ErrorCode::Unsupported:
        return ProblemAdvice::tr("Leave this part of the model or of the recipe out.");
    case base::ErrorCode::DeviceUnavailable:
        return ProblemAdvice::tr("Choose another device.");
    case base::ErrorCode::Busy:
        return ProblemAdvice::tr("Close the other program that uses it, or wait, and try again.");
    case base::ErrorCode::NoSpace:
        return ProblemAdvice::tr("Free some space or choose a folder that can be written, and try again.");
    case base::ErrorCode::Failed:
    case base::ErrorCode::Cancelled:
        break;
    }
    return ProblemAdvice::tr("Try again; the log tells more.");
}

} // namespace

Problem problemFor(const base::Error& error, const QString& task) {
    QStringList details;
    const QString what = engineText(error.message);
    details << task << what;
    for (const base::Message& step : error.context)
        details << engineText(step);
    details << QStringLiteral("code: %1").arg(QString::fromLatin1(base::name(error.code)));
    return {what, adviceFor(error.code), details.join(u'\n')};
}

} // namespace lathe::views
