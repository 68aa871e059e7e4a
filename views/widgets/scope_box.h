#pragma once

#include <QComboBox>

#include <views/models/run_scopes.h>

namespace lathe::views {

/// Chooses the scope of comparison; hidden while there is only one. Several boxes of one RunScopes show the same. A long name is shortened
/// in its middle; the tool tip has it whole.
class ScopeBox : public QComboBox {
    Q_OBJECT

public:
    /// `characters`: how wide it is.
    ScopeBox(RunScopes& scopes, int characters, QWidget* parent);

    void showPopup() override;

protected:
    void changeEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void fill();

    RunScopes& m_scopes;
};

} // namespace lathe::views
