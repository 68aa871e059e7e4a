#pragma once

#include <QDialog>

#include <views/models/session.h>

namespace lathe::views {

/// Version, engine, licences.
class AboutDialog : public QDialog {
    Q_OBJECT

public:
    AboutDialog(const Session& session, const QString& version, QWidget* parent = nullptr);
};

} // namespace lathe::views
