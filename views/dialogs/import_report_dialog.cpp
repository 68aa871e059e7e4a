#include <views/dialogs/import_report_dialog.h>

#include <QCoreApplication>
#include <QPushButton>
#include <QVBoxLayout>

#include <views/models/engine_text.h>
#include <views/models/number_text.h>
#include <views/models/text.h>
#include <views/widgets/figure_list.h>
#include <views/widgets/labels.h>
#include <views/widgets/text_table.h>

namespace lathe::views {

namespace {

QString joined(const std::vector<std::string>& texts) {
    QStringList list;
    for (const std::string& text : texts)
        list << toQt(text);
    return list.join(u'\n');
}

} // namespace

QString importVerdict(const client::InspectReport& report) {
    if (report.runs) return QCoreApplication::translate("ImportReport", "Everything in this model can be run.");
    //: What still works with a model of which some operators cannot be run
    return QCoreApplication::translate(
        "ImportReport", "Parts of this model cannot be run: no comparison, no fine-tuning and no static quantization. Looking at it, its "
                        "weights and weight-only previews work all the same.");
}

ImportReportDialog::ImportReportDialog(const client::OpenReply& model, QWidget* parent)
    : Dialog(parent), m_operators(makeTextTable({tr("Operator"), tr("Uses"), tr("Runs")}, this)),
      m_problems(makeTextTable({tr("Operator"), tr("Module"), tr("Source line"), tr("Reason")}, this)) {
    const client::InspectReport& report = model.report;
    setWindowTitle(tr("Import Report"));
    QLabel* verdict = makeWrappedLabel(LabelKind::Strong, this);
    verdict->setObjectName(QStringLiteral("verdict"));
    verdict->setText(importVerdict(report));
    setStyleProperty(verdict, "bad", !report.runs);

    std::vector<FigureList::Figure> facts = {
        {tr("Format"), toQt(report.format), {}}, {tr("Inputs"), joined(report.inputs), {}}, {tr("Outputs"), joined(report.outputs), {}}};
    //: What a model keeps from one call to the next
    if (!report.state.empty()) facts.push_back({tr("State"), joined(report.state), {}});
    facts.push_back({tr("Parameters"), countText(report.parameters), {}});
    facts.push_back({tr("MACs of one sample"), macsText(report.macs, report.macsUnknownLayers), {}});
    facts.push_back({tr("Isolation while reading"), report.isolation == "full" ? tr("full") : tr("reduced"), {}});
    auto* figures = new FigureList(this);
    figures->setFigures(facts);
    m_operators->setAccessibleName(tr("Operators"));
    m_problems->setAccessibleName(tr("What cannot be run"));
    fillOperators(report);
    fillProblems(report);
    m_problems->setVisible(!report.problems.empty());
    QLabel* notes = makeWrappedLabel(LabelKind::Muted, this);
    QStringList sentences;
    for (const base::Message& note : report.notes)
        sentences << engineText(note);
    notes->setText(sentences.join(u'\n'));
    notes->setVisible(!report.notes.empty());
    auto* close = new QPushButton(tr("Close"), this);
    close->setDefault(true);
    close->setFocus();
    connect(close, &QPushButton::clicked, this, &QDialog::accept);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(12);
    column->addWidget(verdict);
    column->addWidget(figures);
    column->addWidget(m_problems, 2);
    column->addWidget(m_operators, 3);
    column->addWidget(notes);
    column->addWidget(close, 0, Qt::AlignRight);
    resize(680, 560);
}

QString ImportReportDialog::verdict() const { return findChild<QLabel*>(QStringLiteral("verdict"))->text(); }

void ImportReportDialog::fillOperators(const client::InspectReport& report) {
    for (const client::OperatorUse& use : report.operators)
        addTextRow(*m_operators, {toQt(use.op), countText(use.count), use.isSupported ? tr("✓ yes") : tr("✗ no")});
}

void ImportReportDialog::fillProblems(const client::InspectReport& report) {
    for (const client::ImportIssue& issue : report.problems)
        addTextRow(*m_problems, {toQt(issue.op), toQt(issue.scope), toQt(issue.source), engineText(issue.reason)});
    m_problems->resizeRowsToContents();
}

} // namespace lathe::views
