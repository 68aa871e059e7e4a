#include <core/data/csv_dataset.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include <core/base/files.h>
#include <core/data/csv.h>
#include <core/data/split_builder.h>
#include <core/graph/layers.h>

namespace lathe::data {

namespace {

constexpr std::uintmax_t maxBytes = std::uintmax_t{1} << 32;
constexpr std::size_t testEvery = 5;

std::optional<double> numberOf(std::string_view cell) {
    while (cell.starts_with(' '))
        cell.remove_prefix(1);
    while (cell.ends_with(' '))
        cell.remove_suffix(1);
    double number = 0;
    const auto [end, code] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
    if (code != std::errc{} || end != cell.data() + cell.size() || cell.empty() || !std::isfinite(number)) return std::nullopt;
    return number;
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

/// The numbers of one column, and the texts that they stand for when it holds text.
struct Column {
    std::vector<double> numbers;
    std::vector<std::string> texts;
};

class Reader {
public:
    Reader(CsvTable table, std::string name, const recipe::Preprocessing& preprocessing)
        : m_table(std::move(table)), m_name(std::move(name)), m_preprocessing(preprocessing) {}

    base::Result<std::shared_ptr<const Dataset>> run() {
        if (m_table.rows.empty()) return rejected({"table.noRows", {}});
        const auto label = labelColumn();
        if (!label) return base::forward(label);
        std::vector<Column> features;
        for (const std::string& ignored : m_preprocessing.ignored) {
            if (const auto known = positionOf(ignored); !known) return base::forward(known);
        }
        for (std::size_t column = 0; column < m_table.columns.size(); ++column) {
            const bool isIgnored = std::ranges::find(m_preprocessing.ignored, m_table.columns[column]) != m_preprocessing.ignored.end();
            if (column == *label || isIgnored) continue;
            auto read = readColumn(column);
            if (!read) return base::forward(read);
            features.push_back(std::move(*read));
        }
        if (features.empty()) return rejected({"table.noColumnIsLeft", {}});
        auto labels = readColumn(*label);
        if (!labels) return base::forward(labels);
        DatasetContent content;
        content.name = m_name;
        const bool areNumbers =
            labels->texts.empty() && std::ranges::any_of(labels->numbers, [](double number) { return number != std::floor(number); });
        const std::vector<double> numbers = labels->numbers;
        if (areNumbers)
            std::ranges::fill(labels->numbers, 0.0); // see keepNumbers
        else
            nameClasses(*labels, content);
        content.mean.assign(m_preprocessing.mean.begin(), m_preprocessing.mean.end());
        content.deviation.assign(m_preprocessing.deviation.begin(), m_preprocessing.deviation.end());
        if (m_preprocessing.integers)
            fill<std::int64_t>(tensor::DType::Int64, features, *labels, content);
        else
            fill<float>(tensor::DType::Float32, features, *labels, content);
        if (areNumbers) keepNumbers(numbers, content);
        return InMemoryDataset::create(std::move(content));
    }

private:
    tl::unexpected<base::Error> rejected(const base::Message& reason) const {
        return base::failure(base::ErrorCode::Rejected, {"data.problem", {{"data", m_name}, {"problem", reason}}});
    }

    base::Result<std::size_t> positionOf(const std::string& name) const {
        const auto found = std::ranges::find(m_table.columns, name);
        if (found != m_table.columns.end()) return static_cast<std::size_t>(found - m_table.columns.begin());
        const std::string nearest = graph::nearestName(name, m_table.columns);
        if (nearest.empty()) return rejected({"table.noColumn", {{"column", name}}});
        return rejected({"table.noColumnNearest", {{"column", name}, {"nearest", nearest}}});
    }

    base::Result<std::size_t> labelColumn() const {
        if (!m_preprocessing.label.empty()) return positionOf(m_preprocessing.label);
        for (const char* usual : {"label", "class", "target"}) {
            for (std::size_t column = 0; column < m_table.columns.size(); ++column) {
                if (lower(m_table.columns[column]) == usual) return column;
            }
        }
        return m_table.columns.size() - 1;
    }

    /// Numbers when the first cell is one; then all must be.
    base::Result<Column> readColumn(std::size_t at) const {
        Column column;
        const bool isNumeric = numberOf(m_table.rows.front()[at]).has_value();
        std::set<std::string> texts;
        for (std::size_t row = 0; row < m_table.rows.size(); ++row) {
            const std::string& cell = m_table.rows[row][at];
            const auto number = numberOf(cell);
            if (cell.empty()) return rejected({"table.cellIsEmpty", {{"row", row + 1}, {"column", m_table.columns[at]}}});
            if (isNumeric && !number)
                return rejected(
                    {"table.cellIsNoNumber", {{"cell", cell.substr(0, 40)}, {"row", row + 1}, {"column", m_table.columns[at]}}});
            if (isNumeric)
                column.numbers.push_back(*number);
            else
                texts.insert(cell);
        }
        if (isNumeric) return column;
        column.texts.assign(texts.begin(), texts.end());
        for (const std::vector<std::string>& row : m_table.rows)
            column.numbers.push_back(static_cast<double>(std::ranges::lower_bound(column.texts, row[at]) - column.texts.begin()));
        return column;
    }

    /// Classes that are not whole numbers from 0 on are numbered anew.
    static void nameClasses(Column& labels, DatasetContent& content) {
        content.classes = labels.texts;
        const bool areClasses =
            std::ranges::all_of(labels.numbers, [](double number) { return number >= 0 && number < 1e6 && number == std::floor(number); });
        if (areClasses) return;
        const std::set<double> distinct(labels.numbers.begin(), labels.numbers.end());
        const std::vector<double> sorted(distinct.begin(), distinct.end());
        content.classes.clear();
        for (const double value : sorted) {
            std::string text = std::to_string(value);
            text.erase(text.find_last_not_of('0') + 1);
            if (text.ends_with('.')) text.pop_back();
            content.classes.push_back(std::move(text));
        }
        for (double& number : labels.numbers)
            number = static_cast<double>(std::ranges::lower_bound(sorted, number) - sorted.begin());
    }

    /// Labels that are no whole numbers are what a regression learns.
    static void keepNumbers(const std::vector<double>& numbers, DatasetContent& content) {
        std::vector<float> train, test;
        for (std::size_t row = 0; row < numbers.size(); ++row)
            (isTest(row) ? test : train).push_back(static_cast<float>(numbers[row]));
        for (const auto& [split, labels] : {std::pair(&content.train, &train), std::pair(&content.test, &test)})
            if (!labels->empty()) split->labels = tensor::Tensor::of<float>({static_cast<std::int64_t>(labels->size())}, *labels);
    }

    static bool isTest(std::size_t row) { return (row + 1) % testEvery == 0; }

    template<class Element>
    static void fill(tensor::DType dtype, const std::vector<Column>& features, const Column& labels, DatasetContent& content) {
        SplitBuilder<Element> builder(dtype);
        std::vector<Element> sample(features.size());
        for (std::size_t row = 0; row < labels.numbers.size(); ++row) {
            for (std::size_t column = 0; column < features.size(); ++column)
                sample[column] = static_cast<Element>(features[column].numbers[row]);
            builder.add(isTest(row) ? Split::Test : Split::Train, sample, static_cast<std::int64_t>(labels.numbers[row]));
        }
        builder.finish({static_cast<std::int64_t>(features.size())}, content);
    }

    CsvTable m_table;
    std::string m_name;
    const recipe::Preprocessing& m_preprocessing;
};

} // namespace

base::Result<std::shared_ptr<const Dataset>> openCsvDataset(const std::filesystem::path& file, const recipe::Preprocessing& preprocessing) {
    const auto text = base::readFile(file, maxBytes);
    if (!text) return base::forward(text);
    const std::string name = file.filename().string();
    auto table = parseCsv(*text, name);
    if (!table) return base::forward(table);
    return Reader(std::move(*table), name, preprocessing).run();
}

} // namespace lathe::data
