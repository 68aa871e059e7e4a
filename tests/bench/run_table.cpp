// The table of runs over a long history: how long it takes to read, to filter and to sort.
// bench_run_table [RUNS]: makes a history of so many runs (100000) in a temporary folder and prints milliseconds of the processor.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>

#include <QCoreApplication>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <core/base/files.h>
#include <core/history/history.h>
#include <views/models/history_filter.h>
#include <views/models/history_model.h>

using namespace lathe;
using views::HistoryFilter;
using views::HistoryModel;

namespace {

double milliseconds(const std::function<void()>& work) {
    // Of the processor: other work on the machine does not count.
    const std::clock_t start = std::clock();
    work();
    return 1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

template<class Value>
Value orDie(base::Result<Value> result) {
    if (result) return std::move(*result);
    std::fprintf(stderr, "%s\n", result.error().text().c_str());
    std::exit(1);
}

/// One comparison, as the engine stores it.
void addOne(history::History& history) {
    history::RunRow baseline, optimized;
    baseline.modelFile = "lenet5.pt";
    baseline.modelSha256 = "aa11";
    baseline.modelFormat = "torchscript";
    baseline.dataName = "fashion-mnist";
    baseline.dataSha256 = "bb22";
    baseline.device = "cpu";
    optimized = baseline;
    optimized.recipeSummary = "fuse → prune 50 % → int8";
    const auto ids = orDie(history.begin(baseline, optimized));
    measure::RunDocument document;
    document.modelFile = baseline.modelFile;
    document.modelSha256 = baseline.modelSha256;
    document.modelFormat = baseline.modelFormat;
    document.dataName = baseline.dataName;
    document.dataSha256 = baseline.dataSha256;
    document.environment = {{"cpu", "AMD EPYC"}, {"threads", "2"}, {"torch", "2.11.0"}};
    for (measure::ModelResult* result : {&document.baseline, &document.optimized}) {
        result->quality.samples = 10'000;
        result->quality.accuracy = 0.9;
        result->quality.sqnrDb = 30;
        result->latency.p50 = 0.1;
        result->fileBytes = 247'000;
        result->parameters = 61'706;
    }
    document.comparison.accuracyDrop = 0.01;
    document.comparison.agreement = 0.99;
    document.comparison.speedup = {2, 1.9, 2.1, measure::Verdict::Faster, {}, "Lathe's FP32 plan"};
    if (const auto done = history.complete(document, ids.first, ids.second); !done) orDie<int>(base::forward(done));
}

/// The first two runs again and again, with other names, times and figures.
void multiply(const std::string& file, int copies) {
    SQLite::Database database(file, SQLite::OPEN_READWRITE);
    SQLite::Transaction transaction(database);
    std::string names, values;
    SQLite::Statement columns(database, "SELECT name FROM pragma_table_info('run')");
    while (columns.executeStep()) {
        const std::string name = columns.getColumn(0).getString();
        std::string value = "r." + name;
        if (name == "number") value = "r.number + 2 * n";
        if (name == "id") value = "printf('%08x-%s', n, substr(r.id, 10))";
        if (name == "parent") value = "r.parent + 2 * n";
        if (name == "name") value = "r.name || ' ' || (n * 7919 % 100003)";
        if (name == "created_at") value = "strftime('%Y-%m-%dT%H:%M:%SZ', '2026-01-01', (n * 11) || ' minutes')";
        names += (names.empty() ? "" : ", ") + name;
        values += (values.empty() ? "" : ", ") + value;
    }
    const std::string many = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < " + std::to_string(copies) + ") ";
    const std::string factor = "(0.5 + (n * 7919 % 1009) / 1009.0)";
    database.exec("INSERT INTO run(" + names + ") " + many + "SELECT " + values +
                  " FROM c, run r WHERE r.number <= 2 ORDER BY n, r.number");
    database.exec("INSERT INTO metric " + many + "SELECT m.run + 2 * n, m.name, m.value * " + factor +
                  ", m.unit, m.kind FROM c, metric m WHERE m.run <= 2");
    database.exec("INSERT INTO comparison " + many + "SELECT run + 2 * n, accuracy_drop, agreement, size_ratio, speedup * " + factor +
                  ", speedup_low, speedup_high, verdict, reason, baseline, simulated_agreement, simulated_accuracy FROM c, comparison "
                  "WHERE run <= 2");
    database.exec("INSERT INTO tag SELECT number, 'paper' FROM run WHERE number % 10 = 0");
    transaction.commit();
}

} // namespace

int main(int argc, char* argv[]) {
    const QCoreApplication app(argc, argv);
    const int runs = argc > 1 ? std::atoi(argv[1]) : 100'000;
    const base::TemporaryFolder folder;
    const std::filesystem::path file = folder.path() / "history.sqlite";
    {
        history::History history = orDie(history::History::open(file));
        addOne(history);
    }
    std::printf("%-42s %9.0f ms\n", "made", milliseconds([&] { multiply(file.string(), runs / 2 - 1); }));

    std::optional<history::History> history;
    std::printf("%-42s %9.0f ms\n", "history opened", milliseconds([&] { history = orDie(history::History::open(file)); }));
    std::vector<history::RunRow> rows;
    std::printf("%-42s %9.1f ms\n", "first page of 500 read", milliseconds([&] { rows = orDie(history->list({}, {0, 500})); }));
    std::printf("%-42s %9.1f ms\n", "a page of 500 in the middle read", milliseconds([&] {
                    rows = orDie(history->list({}, {static_cast<std::size_t>(runs) / 2, 500}));
                }));
    std::printf("%-42s %9.0f ms\n", "all runs read", milliseconds([&] { rows = orDie(history->list()); }));
    std::printf("%-42s %9zu\n", "runs", rows.size());

    HistoryModel model;
    HistoryFilter filter;
    filter.setSourceModel(&model);
    std::printf("%-42s %9.0f ms\n", "given to the table", milliseconds([&] { model.setRows(rows); }));
    std::printf("%-42s %9.0f ms\n", "given again, with one more", milliseconds([&] {
                    history::RunRow row = rows.front();
                    row.id = "new";
                    rows.insert(rows.begin(), std::move(row));
                    model.setRows(rows);
                }));
    for (const char* text :
         {"lenet5", "int8 777", "no such word", "tag:paper", "accuracy>91", "int8 tag:paper accuracy>91 p50<100us", "speedup>=2", ""}) {
        const double taken = milliseconds([&] { filter.setFilterText(QString::fromLatin1(text)); });
        std::printf("filter %-35s %9.1f ms, %d rows\n", text, taken, filter.rowCount());
    }
    for (int column = 0; column < HistoryModel::ColumnCount; ++column) {
        const QByteArray name = model.headerData(column, Qt::Horizontal).toString().toUtf8();
        for (const Qt::SortOrder order : {Qt::AscendingOrder, Qt::DescendingOrder}) {
            const double taken = milliseconds([&] { filter.sort(column, order); });
            std::printf("sort by %-25s %-8s %9.1f ms\n", name.constData(), order == Qt::AscendingOrder ? "upward" : "downward", taken);
        }
    }
    return 0;
}
