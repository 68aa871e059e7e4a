#pragma once

#include <views/models/session.h>
#include <views/widgets/dialog.h>

namespace lathe::views {

/// Version, engine, licences.
class AboutDialog : public Dialog {
    Q_OBJECT

public:
    AboutDialog(const Session& session, const QString& version, QWidget* parent = nullptr);
};

} // namespace lathe::views
