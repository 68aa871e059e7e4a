#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include <core/engine/stage.h>

namespace lathe::engine {

/// Models after the steps of recipes, in memory, for whoever looks at them next: a preview after an edit starts behind the last step that
/// stayed as it was, and drawings and the weights of a layer are of the stages that the preview made. Runs keep their slow
/// steps here too, in front of the files of a StageStore. Any thread.
class StageCache {
public:
    static constexpr std::int64_t usualLimitBytes = std::int64_t{1} << 30;

    /// Stages together take at most `limitBytes`, counted by what each adds to the model before it; those that were not asked for for the
    /// longest time go first, but the newest always stays.
    explicit StageCache(std::int64_t limitBytes = usualLimitBytes) : m_limitBytes(limitBytes) {}

    /// nullptr when there is none.
    [[nodiscard]] std::shared_ptr<const Stage> find(const std::string& key);
    /// `before`: the graph that the step was applied to, whose weights are not counted.
    void keep(const std::string& key, std::shared_ptr<const Stage> stage, const graph::Graph& before);
    /// Forgets all whose key begins so.
    void forget(std::string_view prefix);
    [[nodiscard]] std::size_t size() const;

private:
    struct Entry {
        std::string key;
        std::shared_ptr<const Stage> stage;
        std::int64_t bytes = 0;
    };
    void erase(std::list<Entry>::iterator entry);

    const std::int64_t m_limitBytes;
    mutable std::mutex m_mutex; ///< guards what follows
    std::list<Entry> m_entries; ///< asked for last in front
    std::unordered_map<std::string, std::list<Entry>::iterator> m_byKey;
    std::int64_t m_bytes = 0;
};

/// Where the stages of a model are looked for and kept; without a cache nowhere.
struct KnownStages {
    StageCache* cache = nullptr;
    std::string model = {}; ///< what its keys begin with
};

} // namespace lathe::engine
