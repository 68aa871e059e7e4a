#include <views/dialogs/preprocessing_form.h>

#include <optional>

#include <QHBoxLayout>
#include <QLocale>
#include <QSignalBlocker>

#include <views/models/engine_text.h>
#include <views/models/text.h>
#include <views/widgets/labels.h>

namespace lathe::views {

namespace {

constexpr unsigned images = 1, sound = 2, table = 4, arrays = 8;

unsigned kindsOf(const std::string& kind) {
    if (kind == "images") return images;
    if (kind == "sound") return sound;
    if (kind == "table") return table;
    return kind == "arrays" ? arrays : images | sound | table | arrays;
}

/// Numbers are written as in a recipe file, whatever the language, and need no rounding to be read again.
QString numbersText(const std::vector<double>& numbers) {
    QStringList texts;
    for (const double number : numbers)
        texts << QLocale::c().toString(number, 'g', QLocale::FloatingPointShortest);
    return texts.join(QStringLiteral(", "));
}

/// Nothing when a part is no number.
std::optional<std::vector<double>> numbersIn(const QString& text) {
    std::vector<double> numbers;
    for (const QString& part : text.split(u',', Qt::SkipEmptyParts)) {
        if (part.trimmed().isEmpty()) continue;
        bool isNumber = false;
        numbers.push_back(QLocale::c().toDouble(part.trimmed(), &isNumber));
        if (!isNumber) return std::nullopt;
    }
    return numbers;
}

std::vector<std::string> namesIn(const QString& text) {
    std::vector<std::string> names;
    for (const QString& part : text.split(u',', Qt::SkipEmptyParts)) {
        if (!part.trimmed().isEmpty()) names.push_back(toStd(part.trimmed()));
    }
    return names;
}

QString namesText(const std::vector<std::string>& names) {
    QStringList texts;
    for (const std::string& name : names)
        texts << toQt(name);
    return texts.join(QStringLiteral(", "));
}

} // namespace

PreprocessingForm::PreprocessingForm(QWidget* parent)
    : QWidget(parent), m_grid(new QGridLayout(this)), m_resize(sizeField()), m_cropHeight(sizeField()), m_cropWidth(sizeField()),
      m_length(sizeField()), m_channels(new QComboBox(this)), m_mean(new QLineEdit(this)), m_deviation(new QLineEdit(this)),
      m_label(new QLineEdit(this)), m_ignored(new QLineEdit(this)), m_integers(new QCheckBox(this)), m_imageNet(new QPushButton(this)),
      m_nothing(makeWrappedLabel(LabelKind::Muted, this)), m_problem(makeWrappedLabel(LabelKind::Normal, this)) {
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(14);
    m_grid->setVerticalSpacing(8);
    m_grid->setColumnStretch(1, 1);
    m_length->setRange(0, 100'000'000);
    m_length->setSuffix(tr(" values"));
    m_channels->addItem(tr("Red, green, blue"));
    m_channels->addItem(tr("Blue, green, red"));
    m_channels->addItem(tr("Grey"));
    m_imageNet->setText(tr("ImageNet"));
    m_imageNet->setToolTip(tr("Mean and deviation that most models trained on ImageNet expect"));
    m_imageNet->setAutoDefault(false);
    m_integers->setText(tr("Whole numbers (tokens, categories)"));
    m_label->setToolTip(tr("Column of a table, or array of an .npz file, that holds the labels"));
    m_label->setPlaceholderText(tr("The usual name, or the last column"));
    m_ignored->setPlaceholderText(tr("Names with commas"));
    for (QLineEdit* field : {m_mean, m_deviation})
        field->setPlaceholderText(tr("One number for each channel"));

    auto* crop = new QWidget(this);
    auto* cropRow = new QHBoxLayout(crop);
    cropRow->setContentsMargins(0, 0, 0, 0);
    cropRow->setSpacing(6);
    cropRow->addWidget(m_cropHeight, 1);
    cropRow->addWidget(makeLabel(LabelKind::Muted, crop));
    qobject_cast<QLabel*>(cropRow->itemAt(1)->widget())->setText(QStringLiteral("×"));
    cropRow->addWidget(m_cropWidth, 1);
    crop->setToolTip(tr("Height × width, cut from the middle"));
    m_cropHeight->setAccessibleName(tr("Height"));
    m_cropWidth->setAccessibleName(tr("Width"));

    addRow(tr("Shorter side"), m_resize, images);
    addRow(tr("Crop"), crop, images);
    addRow(tr("Channels"), m_channels, images);
    addRow(tr("Length"), m_length, sound);
    addRow(tr("Labels"), m_label, table | arrays);
    addRow(tr("Left out"), m_ignored, table);
    addRow(QString(), m_integers, table);
    addRow(tr("Mean"), m_mean, images | sound | table);
    addRow(tr("Deviation"), m_deviation, images | sound | table);
    addRow(QString(), m_imageNet, images);
    m_nothing->setText(tr("Arrays reach the model as they are stored."));
    for (QLabel* text : {m_nothing, m_problem})
        m_grid->addWidget(text, m_grid->rowCount(), 0, 1, 2);
    m_nothing->hide();
    m_problem->hide();

    for (QSpinBox* field : {m_resize, m_cropHeight, m_cropWidth, m_length})
        connect(field, &QSpinBox::valueChanged, this, &PreprocessingForm::takeEdit);
    for (QLineEdit* field : {m_mean, m_deviation, m_label, m_ignored})
        connect(field, &QLineEdit::editingFinished, this, &PreprocessingForm::takeEdit);
    connect(m_channels, &QComboBox::currentIndexChanged, this, &PreprocessingForm::takeEdit);
    connect(m_integers, &QCheckBox::toggled, this, &PreprocessingForm::takeEdit);
    connect(m_imageNet, &QPushButton::clicked, this, [this] {
        m_mean->setText(QStringLiteral("0.485, 0.456, 0.406"));
        m_deviation->setText(QStringLiteral("0.229, 0.224, 0.225"));
        takeEdit();
    });
}

QSpinBox* PreprocessingForm::sizeField() {
    auto* field = new QSpinBox(this);
    field->setRange(0, 16384);
    field->setSpecialValueText(tr("As stored"));
    field->setKeyboardTracking(false);
    field->setButtonSymbols(QAbstractSpinBox::NoButtons);
    field->setMinimumWidth(72);
    return field;
}

void PreprocessingForm::addRow(const QString& label, QWidget* field, unsigned kinds) {
    QLabel* name = makeLabel(LabelKind::Muted, this);
    name->setText(label);
    name->setBuddy(field);
    const int row = static_cast<int>(m_rows.size());
    m_grid->addWidget(name, row, 0);
    m_grid->addWidget(field, row, 1);
    m_rows.push_back({name, field, kinds});
}

void PreprocessingForm::showKind(const std::string& kind) {
    const unsigned wanted = kindsOf(kind);
    for (const Row& row : m_rows) {
        row.label->setVisible((row.kinds & wanted) != 0);
        row.field->setVisible((row.kinds & wanted) != 0);
    }
    m_nothing->setVisible(wanted == arrays);
}

void PreprocessingForm::showValues(const recipe::Preprocessing& preprocessing) {
    m_shown = preprocessing;
    const QSignalBlocker blockers[] = {QSignalBlocker(m_resize),    QSignalBlocker(m_cropHeight), QSignalBlocker(m_cropWidth),
                                       QSignalBlocker(m_length),    QSignalBlocker(m_channels),   QSignalBlocker(m_mean),
                                       QSignalBlocker(m_deviation), QSignalBlocker(m_label),      QSignalBlocker(m_ignored),
                                       QSignalBlocker(m_integers)};
    m_resize->setValue(static_cast<int>(preprocessing.resize.value_or(0)));
    m_cropHeight->setValue(preprocessing.crop ? static_cast<int>((*preprocessing.crop)[0]) : 0);
    m_cropWidth->setValue(preprocessing.crop ? static_cast<int>((*preprocessing.crop)[1]) : 0);
    m_length->setValue(static_cast<int>(preprocessing.length.value_or(0)));
    m_channels->setCurrentIndex(static_cast<int>(preprocessing.channels));
    m_mean->setText(numbersText(preprocessing.mean));
    m_deviation->setText(numbersText(preprocessing.deviation));
    m_label->setText(toQt(preprocessing.label));
    m_ignored->setText(namesText(preprocessing.ignored));
    m_integers->setChecked(preprocessing.integers);
    m_problem->hide();
}

void PreprocessingForm::takeEdit() {
    const auto mean = numbersIn(m_mean->text()), deviation = numbersIn(m_deviation->text());
    const bool isHalfACrop = (m_cropHeight->value() > 0) != (m_cropWidth->value() > 0);
    if (isHalfACrop) return; // the other side is still to come
    recipe::Preprocessing wanted = m_shown;
    wanted.resize = m_resize->value() > 0 ? std::optional<std::int64_t>(m_resize->value()) : std::nullopt;
    wanted.crop.reset();
    if (m_cropHeight->value() > 0) wanted.crop = {m_cropHeight->value(), m_cropWidth->value()};
    wanted.length = m_length->value() > 0 ? std::optional<std::int64_t>(m_length->value()) : std::nullopt;
    wanted.channels = static_cast<recipe::ChannelOrder>(m_channels->currentIndex());
    wanted.mean = mean.value_or(m_shown.mean);
    wanted.deviation = deviation.value_or(m_shown.deviation);
    wanted.label = toStd(m_label->text().trimmed());
    wanted.ignored = namesIn(m_ignored->text());
    wanted.integers = m_integers->isChecked();

    QString sentence;
    if (!mean || !deviation) {
        sentence = tr("Mean and deviation are numbers with commas between them.");
    } else if (!mean->empty() && !deviation->empty() && mean->size() != deviation->size()) {
        sentence = tr("Mean and deviation need the same number of numbers.");
    } else if (const auto checked = recipe::preprocessingFromJson(recipe::toJson(wanted)); !checked) {
        sentence = engineText(checked.error().message);
    }
    m_problem->setText(sentence);
    m_problem->setVisible(!sentence.isEmpty());
    if (!sentence.isEmpty() || wanted == m_shown) return;
    m_shown = wanted;
    emit edited(wanted);
}

} // namespace lathe::views
