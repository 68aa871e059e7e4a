#include <views/dialogs/random_input_dialog.h>

#include <QRegularExpression>
#include <QScrollArea>
#include <QVBoxLayout>

#include <views/widgets/labels.h>

namespace lathe::views {

namespace {

constexpr int largestSize = 1'000'000;
const QString kind = QStringLiteral("random");

QSpinBox* numberField(int minimum, const QString& ifMinimum, QWidget* parent) {
    auto* field = new QSpinBox(parent);
    field->setRange(minimum, largestSize);
    field->setButtonSymbols(QAbstractSpinBox::NoButtons);
    if (!ifMinimum.isEmpty()) field->setSpecialValueText(ifMinimum);
    return field;
}

} // namespace

RandomInputDialog::RandomInputDialog(const std::vector<std::string>& signatures, const QString& data, QWidget* parent)
    : Dialog(parent), m_grid(new QGridLayout), m_samples(numberField(0, tr("automatic"), this)), m_seed(numberField(1, {}, this)),
      m_use(new QPushButton(tr("Use Random Input"), this)) {
    setWindowTitle(tr("Random Input"));
    QLabel* purpose = makeWrappedLabel(LabelKind::Muted, this);
    purpose->setText(
        tr("Made up for the model when there is no data. Shapes, times, sizes and the difference to the original are real; there is no "
           "accuracy, and ranges that static quantization finds with it mean nothing for real data."));
    m_grid->setHorizontalSpacing(14);
    m_grid->setVerticalSpacing(8);
    m_grid->setColumnStretch(1, 1);
    for (const std::string& signature : signatures)
        addInput(readSignature(signature));
    addRow(tr("Samples"), m_samples);
    addRow(tr("Seed"), m_seed);

    auto* inputs = new QWidget;
    auto* inputsColumn = new QVBoxLayout(inputs);
    inputsColumn->setContentsMargins(0, 0, 8, 0);
    inputsColumn->addLayout(m_grid);
    inputsColumn->addStretch(1);
    // Models have up to dozens of inputs.
    auto* area = new QScrollArea(this);
    area->setAccessibleName(windowTitle());
    area->setWidget(inputs);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setMinimumHeight(std::min(inputs->sizeHint().height() + 4, 320));

    auto* cancel = new QPushButton(tr("Cancel"), this);
    cancel->setAutoDefault(false);
    m_use->setDefault(true);
    m_use->setProperty("accent", true);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_use, &QPushButton::clicked, this, &QDialog::accept);
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(cancel);
    buttons->addWidget(m_use);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(12);
    column->addWidget(purpose);
    column->addWidget(area, 1);
    column->addLayout(buttons);
    setMinimumWidth(460);
    showValues(data);
    check();
    m_use->setFocus();
}

void RandomInputDialog::addRow(const QString& label, QWidget* field) {
    QLabel* name = makeLabel(LabelKind::Muted, this);
    name->setText(label);
    name->setBuddy(field);
    field->setAccessibleName(label);
    const int row = m_grid->rowCount();
    m_grid->addWidget(name, row, 0);
    m_grid->addWidget(field, row, 1);
}

void RandomInputDialog::addInput(const InputSignature& input) {
    QStringList sizes;
    for (int dimension = 0; dimension < input.sizes.size(); ++dimension) {
        const QString name = input.sizeName(dimension);
        sizes << (name.isEmpty() ? input.sizes[dimension] : name);
    }
    const int row = m_grid->rowCount();
    auto* name = new ElidedLabel(LabelKind::Strong, this);
    name->setText(input.name);
    QLabel* what = makeWrappedLabel(LabelKind::Normal, this);
    what->setText((input.dtype.isEmpty() ? tr("type unknown") : input.dtype) % QStringLiteral(" · ") %
                  (input.isShapeKnown ? sizes.join(u'×') : tr("shape unknown")));
    m_grid->addWidget(name, row, 0);
    m_grid->addWidget(what, row, 1);
    if (!input.isShapeKnown) {
        auto* field = new QLineEdit(this);
        field->setPlaceholderText(tr("3x224x224, without the batch; empty: a guess"));
        connect(field, &QLineEdit::textChanged, this, &RandomInputDialog::check);
        addRow(tr("Shape of %1").arg(input.name), field);
        m_shapes[input.name] = field;
        return;
    }
    // The batch is as large as it is needed.
    for (int dimension = 0; dimension < input.sizes.size(); ++dimension) {
        const QString size = input.sizeName(dimension);
        if (dimension == input.batchDimension() || size.isEmpty() || m_sizes.contains(size)) continue;
        m_sizes[size] = numberField(0, tr("usual"), this);
        addRow(size, m_sizes[size]);
    }
}

void RandomInputDialog::showValues(const QString& data) {
    if (!data.startsWith(kind % u':')) return;
    for (const QString& option : data.mid(kind.size() + 1).split(u',')) {
        const QString key = option.section(u'=', 0, 0), value = option.section(u'=', 1);
        if (key == QLatin1String("seed"))
            m_seed->setValue(value.toInt());
        else if (key == QLatin1String("samples"))
            m_samples->setValue(value.toInt());
        else if (QSpinBox* size = sizeField(key))
            size->setValue(value.toInt());
        else if (QLineEdit* shape = shapeField(key))
            shape->setText(value);
    }
}

QString RandomInputDialog::data() const {
    QStringList options;
    const auto add = [&options](const QString& key, const QString& value) { options << key % u'=' % value; };
    for (const auto& [name, field] : m_sizes) {
        if (field->value() > 0) add(name, QString::number(field->value()));
    }
    for (const auto& [name, field] : m_shapes) {
        if (!field->text().trimmed().isEmpty()) add(name, field->text().trimmed());
    }
    if (m_samples->value() > 0) add(QStringLiteral("samples"), QString::number(m_samples->value()));
    if (m_seed->value() != 1) add(QStringLiteral("seed"), QString::number(m_seed->value()));
    return options.isEmpty() ? kind : QString(kind % u':' % options.join(u','));
}

QSpinBox* RandomInputDialog::sizeField(const QString& name) const {
    const auto found = m_sizes.find(name);
    return found == m_sizes.end() ? nullptr : found->second;
}

QLineEdit* RandomInputDialog::shapeField(const QString& input) const {
    const auto found = m_shapes.find(input);
    return found == m_shapes.end() ? nullptr : found->second;
}

void RandomInputDialog::check() {
    static const QRegularExpression shape(QStringLiteral("^\\s*([1-9][0-9]{0,6}(x[1-9][0-9]{0,6})*)?\\s*$"));
    bool isFine = true;
    for (const auto& [name, field] : m_shapes)
        isFine = isFine && shape.match(field->text()).hasMatch();
    m_use->setEnabled(isFine);
}

} // namespace lathe::views
