#pragma once

#include <QMetaType>
#include <QString>

#include <core/base/result.h>

namespace lathe::views {

/// Something that went wrong, as the message bar shows it: what happened, what to do, and the details behind a button.
struct Problem {
    QString what;
    QString advice;
    QString details;
};

/// The problem for an error of core; `task` is what was tried ("Opening lenet5.pt").
[[nodiscard]] Problem problemFor(const base::Error& error, const QString& task);

} // namespace lathe::views

Q_DECLARE_METATYPE(lathe::views::Problem)
