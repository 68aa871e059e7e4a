#include <views/models/prune_reach.h>

#include <set>
#include <string_view>

#include <QCoreApplication>

#include <core/base/message.h>
#include <views/models/engine_text.h>
#include <views/models/text.h>

namespace lathe::views {

namespace {

struct PruneWords {
    Q_DECLARE_TR_FUNCTIONS(lathe::views::PruneWords)
};

/// Why the step leaves all channels of the layer; empty: it does not.
QString whyItStays(const client::LayerInfo& layer, int index, const steps::Step& step) {
    for (const client::LayerNote& note : layer.notes) {
        if (note.step != index) continue;
        const std::string code = note.message.code();
        if (code == "prune.keepsChannel" || code == "prune.keepsChannels" || code == "prune.skipped") return engineText(note.message);
    }
    if (step.leavesOut(layer.name)) return PruneWords::tr("The step leaves this layer out.");
    return layer.group < 0 ? PruneWords::tr("Its channels cannot be removed.") : QString();
}

} // namespace

PruneReach pruneReach(Session& session, int index) {
    PruneReach reach;
    if (index < 0 || index >= session.recipe().stepCount() || !session.preview()) return reach;
    const steps::Step step = session.recipe().boundStep(index);
    if (step.op != "prune.structured" || !step.enabled) return reach;
    std::set<int> groups;
    for (const client::LayerInfo& layer : session.layers().layers()) {
        if (const QString why = whyItStays(layer, index, step); !why.isEmpty())
            reach.staying.insert(toQt(layer.name), why);
        else
            groups.insert(layer.group);
    }
    for (const int group : groups)
        reach.shrinking << toQt(session.layers().groups()[static_cast<std::size_t>(group)]);
    return reach;
}

} // namespace lathe::views
