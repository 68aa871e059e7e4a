#include <views/dialogs/about_dialog.h>

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include <views/models/text.h>
#include <views/widgets/figure_list.h>
#include <views/widgets/labels.h>
#include <views/widgets/themed_icon.h>

namespace lathe::views {

AboutDialog::AboutDialog(const Session& session, const QString& version, QWidget* parent) : Dialog(parent) {
    setWindowTitle(tr("About Lathe"));
    auto* icon = new QLabel(this);
    icon->setPixmap(applicationIcon().pixmap(64, 64));
    QLabel* name = makeLabel(LabelKind::Headline, this);
    name->setText(QStringLiteral("Lathe %1").arg(version));
    QLabel* purpose = makeLabel(LabelKind::Muted, this);
    purpose->setText(tr("A workbench that makes neural networks cheaper to run"));

    auto* figures = new FigureList(this);
    const QString waiting = tr("not started");
    const std::optional<client::HelloReply>& engine = session.engine();
    figures->setFigures({{tr("Engine"), engine ? toQt(engine->version) : waiting, {}},
                         {QStringLiteral("LibTorch"), engine ? toQt(engine->torch) : waiting, {}},
                         {tr("Processor"), engine ? toQt(engine->cpu) : waiting, {}},
                         {QStringLiteral("Qt"), QString::fromLatin1(qVersion()), {}}});
    QLabel* licences = makeWrappedLabel(LabelKind::Normal, this);
    licences->setText(tr("The window is free software under the GNU General Public License, version 3 or later. The engine and the command "
                         "line are under the "
                         "Apache License 2.0. Lathe comes without any warranty, sends nothing over the network and collects nothing."));
    auto* close = new QPushButton(tr("Close"), this);
    close->setDefault(true);
    close->setFocus();
    connect(close, &QPushButton::clicked, this, &QDialog::accept);

    auto* titles = new QVBoxLayout;
    titles->addWidget(name);
    titles->addWidget(purpose);
    auto* head = new QHBoxLayout;
    head->setSpacing(14);
    head->addWidget(icon);
    head->addLayout(titles, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(14);
    column->addLayout(head);
    column->addWidget(figures);
    column->addWidget(licences);
    column->addWidget(close, 0, Qt::AlignRight);
    setMinimumWidth(460);
}

} // namespace lathe::views
