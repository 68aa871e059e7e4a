#pragma once

#include <QDialog>

namespace lathe::views {

/// A dialog that never squeezes its rows: it is at least as high as its texts need at its width, also when they change or wrap. (Qt's own
/// minimum does not know of wrapped lines.)
class Dialog : public QDialog {
    Q_OBJECT

public:
    using QDialog::QDialog;

protected:
    bool event(QEvent* event) override;

private:
    void fit();
};

} // namespace lathe::views
