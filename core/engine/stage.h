#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <core/graph/graph.h>
#include <core/measure/result.h>

namespace lathe::engine {

/// Figures by layer name and key ("loss", "sqnr_db", "bits", "sparsity", …), as steps give them.
using LayerFigures = std::map<std::string, std::map<std::string, double>>;

/// The model after one enabled step.
struct Stage {
    int step = 0; ///< index into the recipe's steps
    graph::Graph graph;
    measure::StepResult result;
    LayerFigures layers;
    std::map<std::string, std::vector<base::Message>> layerNotes{}; ///< why the step left a layer as it was; also in result.notes
};

/// The stages of a recipe, shared with a StageCache; read like a vector of them.
class SharedStages {
public:
    class Iterator {
    public:
        using difference_type = std::ptrdiff_t;
        using value_type = Stage;
        using reference = const Stage&;
        Iterator() = default;
        explicit Iterator(std::vector<std::shared_ptr<const Stage>>::const_iterator at) : m_at(at) {}
        reference operator*() const { return **m_at; }
        const Stage* operator->() const { return m_at->get(); }
        Iterator& operator++() { return ++m_at, *this; }
        Iterator operator++(int) { return Iterator(m_at++); }
        Iterator& operator--() { return --m_at, *this; }
        Iterator operator--(int) { return Iterator(m_at--); }
        bool operator==(const Iterator&) const = default;

    private:
        std::vector<std::shared_ptr<const Stage>>::const_iterator m_at;
    };

    void push_back(std::shared_ptr<const Stage> stage) { m_stages.push_back(std::move(stage)); }
    [[nodiscard]] std::size_t size() const { return m_stages.size(); }
    [[nodiscard]] bool empty() const { return m_stages.empty(); }
    [[nodiscard]] const Stage& operator[](std::size_t index) const { return *m_stages[index]; }
    [[nodiscard]] const Stage& front() const { return *m_stages.front(); }
    [[nodiscard]] const Stage& back() const { return *m_stages.back(); }
    [[nodiscard]] Iterator begin() const { return Iterator(m_stages.begin()); }
    [[nodiscard]] Iterator end() const { return Iterator(m_stages.end()); }

private:
    std::vector<std::shared_ptr<const Stage>> m_stages;
};

} // namespace lathe::engine
