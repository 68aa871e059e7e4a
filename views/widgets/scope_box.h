#pragma once

#include <QComboBox>

#include <views/models/run_scopes.h>

namespace lathe::views {

/// Chooses the scope of comparison; hidden while there is only one. Several boxes of one RunScopes show the same.
class ScopeBox : public QComboBox {
    Q_OBJECT

public:
    explicit ScopeBox(RunScopes& scopes, QWidget* parent = nullptr);

protected:
    void changeEvent(QEvent* event) override;

private:
    void fill();

    RunScopes& m_scopes;
};

} // namespace lathe::views
