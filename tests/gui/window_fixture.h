#pragma once

#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <core/history/history.h>
#include <tests/gui/fake_transport.h>
#include <views/models/text.h>

namespace lathe::views::test {

/// A home of its own: nothing of the person who runs the tests is read or written. First member of a fixture.
class TestHome {
public:
    TestHome() {
        QStandardPaths::setTestModeEnabled(true);
        qputenv("HOME", m_folder.path().toLocal8Bit());
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_folder.path());
    }
    [[nodiscard]] QString file(const QString& name) const { return m_folder.filePath(name); }

private:
    QTemporaryDir m_folder;
};

/// What the engine does with a finished comparison: one baseline and one optimized row. Returns the id of the optimized one.
inline std::string storeRun(const QString& historyFile, measure::RunDocument run) {
    auto history = history::History::open(toStd(historyFile));
    if (!history) qFatal("%s", history.error().message.text().c_str());
    history::RunRow baseline, optimized;
    baseline.role = history::RunRole::Baseline;
    baseline.name = "lenet5 · original";
    optimized.role = history::RunRole::Optimized;
    optimized.name = "lenet5 · int8";
    for (history::RunRow* row : {&baseline, &optimized}) {
        row->modelFile = run.modelFile;
        row->modelSha256 = run.modelSha256;
        row->modelFormat = run.modelFormat;
        row->dataName = run.dataName;
        row->device = "cpu";
    }
    optimized.recipeJson = run.recipeJson;
    optimized.recipeSummary = "int8";
    const auto ids = history->begin(baseline, optimized);
    if (!ids) qFatal("%s", ids.error().message.text().c_str());
    const auto done = history->complete(run, ids->first, ids->second);
    if (!done) qFatal("%s", done.error().message.text().c_str());
    return ids->second;
}

} // namespace lathe::views::test
