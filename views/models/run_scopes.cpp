#include <views/models/run_scopes.h>

#include <algorithm>
#include <utility>

#include <views/models/task_words.h>
#include <views/models/text.h>

namespace lathe::views {

namespace {

using history::Scope;
using history::ScopePart;

QString partWords(const Scope& scope, ScopePart part) {
    switch (part) {
    case ScopePart::Task:
        return taskWords(scope.task);
    case ScopePart::Machine:
        return scope.machine.empty() ? RunScopes::tr("unknown machine") : toQt(scope.machine);
    case ScopePart::Threads:
        return scope.threads == 0 ? RunScopes::tr("unknown threads") : RunScopes::tr("%n thread(s)", nullptr, scope.threads);
    case ScopePart::Batch:
        return RunScopes::tr("batch %1").arg(scope.batch);
    default:
        return toQt(history::partText(scope, part));
    }
}

QString partName(ScopePart part) {
    switch (part) {
    case ScopePart::Model:
        return RunScopes::tr("model");
    case ScopePart::Data:
        return RunScopes::tr("data");
    case ScopePart::Task:
        return RunScopes::tr("task");
    case ScopePart::Device:
        return RunScopes::tr("device");
    case ScopePart::Machine:
        return RunScopes::tr("machine");
    case ScopePart::Threads:
        return RunScopes::tr("threads");
    case ScopePart::Batch:
        return RunScopes::tr("batch");
    }
    return {};
}

QString distinctPartWords(const Scope& scope, ScopePart part, const Scope& other) {
    const bool isNamed = part == ScopePart::Model || part == ScopePart::Data;
    return isNamed ? toQt(history::distinctPartText(scope, part, other)) : partWords(scope, part);
}

QString toolTipOf(const Scope& scope) {
    QStringList lines;
    for (const ScopePart part :
         {ScopePart::Model, ScopePart::Data, ScopePart::Task, ScopePart::Device, ScopePart::Machine, ScopePart::Threads, ScopePart::Batch})
        lines.append(partWords(scope, part));
    lines.removeAll(QString());
    return lines.join(u'\n');
}

/// "/data/digits:pad=2" is called "digits".
QString dataNameOf(const QString& choice) {
    const QString path = choice.section(u':', 0, 0);
    return path.section(u'/', -1, -1, QString::SectionSkipEmpty);
}

} // namespace

void RunScopes::setRuns(const std::vector<history::RunRow>& runs) {
    m_scopes.clear();
    for (const history::RunRow& run : runs) {
        Scope scope = history::scopeOf(run);
        if (std::find(m_scopes.begin(), m_scopes.end(), scope) == m_scopes.end()) m_scopes.push_back(std::move(scope));
    }
    rebuild();
}

void RunScopes::follow(Open open) {
    if (open.threads == 0) open.threads = m_open.threads;
    if (open == m_open) return;
    m_open = std::move(open);
    followAgain();
}

void RunScopes::followAgain() {
    m_chosen.reset();
    m_showsAll = false;
    rebuild();
}

void RunScopes::choose(int entry) {
    if (entry < 0 || entry >= static_cast<int>(m_entries.size())) return;
    const Entry& chosen = m_entries[static_cast<std::size_t>(entry)];
    m_showsAll = !chosen.scope;
    if (chosen.scope) m_chosen = chosen.scope;
    rebuild();
}

std::optional<history::Scope> RunScopes::scope() const {
    return m_entries.empty() ? std::nullopt : m_entries[static_cast<std::size_t>(m_current)].scope;
}

const RunScopes::Entry* RunScopes::entryOf(const history::Scope& scope) const {
    const auto found = std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry& entry) { return entry.scope == scope; });
    return found == m_entries.end() ? nullptr : &*found;
}

/// The entry that fits best what is open; of several the newest.
int RunScopes::followed() const {
    int best = 0, bestRank = -1;
    for (std::size_t at = 0; at + 1 < m_entries.size(); ++at) {
        const Scope& scope = *m_entries[at].scope;
        const bool isModel = m_open.modelSha256.isEmpty() || toQt(scope.model) == m_open.modelSha256;
        const bool isData = toQt(scope.dataName) == dataNameOf(m_open.data), isDevice = toQt(scope.device) == m_open.device;
        const bool isThreads = scope.threads == m_open.threads;
        const int rank = isModel * 8 + isData * 4 + isDevice * 2 + isThreads;
        if (rank <= bestRank) continue;
        best = static_cast<int>(at);
        bestRank = rank;
    }
    return best;
}

void RunScopes::rebuild() {
    const std::vector<Entry> before = std::exchange(m_entries, {});
    const int currentBefore = m_current;
    const bool showedAll = std::exchange(m_showedAll, m_showsAll);
    const bool hasModel = !m_open.modelSha256.isEmpty();
    const bool isCompared =
        std::any_of(m_scopes.begin(), m_scopes.end(), [this](const Scope& scope) { return toQt(scope.model) == m_open.modelSha256; });
    if (hasModel && !isCompared && !m_scopes.empty()) {
        Scope open;
        open.model = toStd(m_open.modelSha256);
        open.modelName = toStd(m_open.modelName);
        m_entries.push_back({open, tr("%1 · no runs yet").arg(m_open.modelName), {}, false});
    }
    for (const Scope& scope : m_scopes)
        m_entries.push_back({scope, scopeTitle(scope, m_scopes), toolTipOf(scope), true});
    if (!m_entries.empty())
        m_entries.push_back({std::nullopt, tr("All runs"), tr("Runs of other scopes too: they are not compared"), true});
    m_current = followed();
    if (m_chosen) {
        const auto chosen =
            std::find_if(m_entries.begin(), m_entries.end(), [this](const Entry& entry) { return entry.scope == m_chosen; });
        if (chosen != m_entries.end()) m_current = static_cast<int>(chosen - m_entries.begin());
    }
    if (m_entries != before || m_current != currentBefore || m_showsAll != showedAll) Q_EMIT changed();
}

QString scopeTitle(const Scope& scope, const std::vector<Scope>& all) {
    QString model = partWords(scope, ScopePart::Model), data = partWords(scope, ScopePart::Data);
    std::vector<ScopePart> more;
    for (const Scope& other : all) {
        const std::vector<ScopePart> different = history::differences(scope, other);
        const auto has = [&](ScopePart part) { return std::find(different.begin(), different.end(), part) != different.end(); };
        if (has(ScopePart::Model)) model = std::max(model, distinctPartWords(scope, ScopePart::Model, other));
        if (has(ScopePart::Data)) data = std::max(data, distinctPartWords(scope, ScopePart::Data, other));
        if (has(ScopePart::Model) || has(ScopePart::Data)) continue;
        more.insert(more.end(), different.begin(), different.end());
    }
    QStringList parts{model, data};
    for (const ScopePart part : {ScopePart::Task, ScopePart::Device, ScopePart::Machine, ScopePart::Threads, ScopePart::Batch})
        if (std::find(more.begin(), more.end(), part) != more.end()) parts.append(partWords(scope, part));
    parts.removeAll(QString());
    return parts.join(QStringLiteral(" · "));
}

QString whyNotComparedText(const history::Scope& a, const history::Scope& b) {
    QStringList reasons;
    for (const ScopePart part : history::differences(a, b)) {
        //: Why two runs are not compared: %1 is "data", "threads", …
        reasons.append(
            RunScopes::tr("different %1: %2 and %3").arg(partName(part), distinctPartWords(a, part, b), distinctPartWords(b, part, a)));
    }
    return reasons.join(RunScopes::tr("; ", "between reasons"));
}

} // namespace lathe::views
