#include <core/engine/symbolic_shapes.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

#include <ATen/ops/arange.h>

#include <core/engine/fitted_model.h>
#include <core/engine/model_measurement_torch.h>
#include <core/graph/batch_axis.h>

namespace lathe::engine {

namespace {

struct Place {
    std::size_t input = 0;
    std::size_t axis = 0;
};

/// A size that is free, and where in the inputs it stands.
struct Symbol {
    std::string name;  ///< a name that can stand in expressions
    std::string label; ///< what the file calls it, which may be anything ("0", "batch size")
    std::vector<Place> places = {};
    std::int64_t base = 0;
    bool isBatch = false;
};

/// How much larger (or, where that does not run, smaller) than in the first run a size is in the others. Odd and even ones, so that a half
/// is not taken for nothing.
constexpr std::int64_t steps[] = {1, 2, 5};

bool isName(std::string_view text) {
    const auto isLetter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !text.empty() && isLetter(text.front()) &&
           std::ranges::all_of(text, [&](char c) { return isLetter(c) || (c >= '0' && c <= '9'); });
}

std::string asName(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return !isName(std::string("_") + c); }, '_');
    return isName(text) ? text : "_" + text;
}

/// The samples with other sizes: what there is, again and again, so that words stay words.
std::vector<c10::IValue> resized(const std::vector<c10::IValue>& inputs, const Symbol& symbol, std::int64_t size) {
    std::vector<c10::IValue> result = inputs;
    for (const Place& place : symbol.places) {
        const at::Tensor& samples = result[place.input].toTensor();
        const auto axis = static_cast<std::int64_t>(place.axis);
        result[place.input] = samples.index_select(axis, at::arange(size, at::kLong).remainder(samples.size(axis)));
    }
    return result;
}

/// The shapes of all values in one run; nothing when the model does not run so.
using Shapes = std::vector<std::optional<std::vector<graph::Dim>>>;
std::optional<Shapes> shapesOf(const graph::Graph& graph, const std::vector<c10::IValue>& inputs) {
    graph::Graph copy = graph;
    if (!runtime::annotateShapes(copy, inputs)) return std::nullopt;
    Shapes shapes;
    for (graph::Value& value : copy.values)
        shapes.push_back(std::move(value.shape));
    return shapes;
}

/// The runs in which one symbol has other sizes.
struct Variation {
    Symbol symbol;
    std::vector<std::pair<std::int64_t, Shapes>> runs; ///< size, shapes
};

std::string sumText(const std::vector<std::pair<std::string, std::int64_t>>& factors, std::int64_t constant) {
    std::string text;
    for (const auto& [name, factor] : factors) {
        const std::int64_t size = std::abs(factor);
        text += text.empty() ? (factor < 0 ? "-" : "") : (factor < 0 ? " - " : " + ");
        text += size == 1 ? name : std::to_string(size) + "*" + name;
    }
    if (constant != 0) text += (constant > 0 ? " + " : " - ") + std::to_string(std::abs(constant));
    return text;
}

/// How one size follows from the free ones.
class SizeRule {
public:
    SizeRule(const std::vector<Variation>& variations, const Shapes& base, const Shapes* joint, std::size_t value, std::size_t axis)
        : m_base((*base[value])[axis].size), m_joint(joint ? (*(*joint)[value])[axis].size : 0), m_hasJoint(joint != nullptr) {
        for (std::size_t at = 0; at < variations.size(); ++at) {
            std::vector<std::pair<std::int64_t, std::int64_t>> points;
            bool changes = false;
            for (const auto& [size, shapes] : variations[at].runs) {
                points.emplace_back(size, (*shapes[value])[axis].size);
                changes = changes || points.back().second != m_base;
            }
            if (changes) m_changing.push_back({at, &variations[at].symbol, std::move(points)});
        }
    }

    [[nodiscard]] bool isFixed() const { return m_changing.empty(); }
    /// The last of the variations that change the size: names of batches come first.
    [[nodiscard]] std::size_t lastVariation() const { return m_changing.back().variation; }
    /// The name in the file, where the text is just one of a free size.
    [[nodiscard]] std::string label(const std::string& text) const {
        return m_changing.size() == 1 && text == m_changing.front().symbol->name ? m_changing.front().symbol->label : text;
    }
    /// "" when there is none of the known kinds.
    [[nodiscard]] std::string text() const {
        if (auto sum = asSum(); !sum.empty()) return sum;
        if (auto product = asProduct(); !product.empty()) return product;
        return asQuotient();
    }

private:
    struct Changing {
        std::size_t variation;
        const Symbol* symbol;
        std::vector<std::pair<std::int64_t, std::int64_t>> points; ///< its size, the size that follows
    };

    [[nodiscard]] std::string asSum() const {
        std::vector<std::pair<std::string, std::int64_t>> factors;
        std::int64_t constant = m_base, joint = m_base;
        for (const auto& [variation, symbol, points] : m_changing) {
            const std::int64_t distance = points.front().first - symbol->base, difference = points.front().second - m_base;
            if (difference % distance != 0) return "";
            const std::int64_t factor = difference / distance;
            for (const auto& [size, result] : points)
                if (result != m_base + factor * (size - symbol->base)) return "";
            factors.emplace_back(symbol->name, factor);
            constant -= factor * symbol->base;
            joint += difference;
        }
        return m_hasJoint && joint != m_joint ? "" : sumText(factors, constant);
    }

    [[nodiscard]] std::string asProduct() const {
        if (m_changing.size() < 2) return "";
        std::int64_t factor = m_base, joint = 1;
        std::string text;
        for (const auto& [variation, symbol, points] : m_changing) {
            if (symbol->base == 0 || factor % symbol->base != 0) return "";
            for (const auto& [size, result] : points)
                if (result * symbol->base != m_base * size) return "";
            factor /= symbol->base;
            joint *= points.front().first;
            text += (text.empty() ? "" : "*") + symbol->name;
        }
        if (m_hasJoint && joint * factor != m_joint) return "";
        return factor == 1 ? text : std::to_string(factor) + "*" + text;
    }

    /// What a stride makes of a size: (s + c) // m.
    [[nodiscard]] std::string asQuotient() const {
        if (m_changing.size() != 1) return "";
        const Symbol* symbol = m_changing.front().symbol;
        const auto& points = m_changing.front().points;
        std::vector<std::string> found;
        for (std::int64_t divisor = 2; divisor <= 64; divisor *= 2) {
            for (std::int64_t added = -divisor; added <= 2 * divisor; ++added) {
                const auto quotient = [&](std::int64_t size) { return size + added < 0 ? -1 : (size + added) / divisor; };
                const bool fits = quotient(symbol->base) == m_base &&
                                  std::ranges::all_of(points, [&](const auto& point) { return quotient(point.first) == point.second; });
                if (!fits) continue;
                const std::string sum = added == 0 ? symbol->name : "(" + sumText({{symbol->name, 1}}, added) + ")";
                found.push_back(sum + "//" + std::to_string(divisor));
            }
        }
        return found.size() == 1 ? found.front() : ""; // several fit: the runs do not tell which it is
    }

    std::vector<Changing> m_changing;
    std::int64_t m_base, m_joint;
    bool m_hasJoint;
};

/// Is this no name of a size, but told with such names: "2*s0", "past + 1"?
bool isExpressionOf(const std::string& text, const std::set<std::string>& names) {
    if (isName(text)) return false;
    std::string word;
    for (const char c : text + " ") {
        if (isName(std::string("_") + c)) {
            word += c;
            continue;
        }
        if (names.contains(word)) return true;
        word.clear();
    }
    return false;
}

/// What is free in the model, in order of the inputs; what is told as an expression of other sizes is not varied, nor are the names in it.
struct FreePlaces {
    std::vector<Symbol> symbols, tied;
};

FreePlaces freePlaces(const graph::Graph& declared, const data::Dataset& dataset, const std::vector<c10::IValue>& inputs) {
    const data::CallShape call = dataset.callShape();
    FreePlaces free;
    const auto isOfBatch = [&](Place place) { return call.inputAxis(place.input) == data::BatchAxis(place.axis); };
    const auto add = [&](std::vector<Symbol>& symbols, const std::string& label, Place place) {
        const std::int64_t size = inputs[place.input].toTensor().size(static_cast<std::int64_t>(place.axis));
        const auto found = std::ranges::find(symbols, label, &Symbol::label);
        if (found == symbols.end()) {
            symbols.push_back({asName(label), label, {place}, size, isOfBatch(place)});
            return;
        }
        found->places.push_back(place);
        if (found->base != size) found->base = -1; // not the same everywhere: the name promises what the data does not keep
    };
    std::set<std::string> names;
    std::vector<std::pair<std::string, Place>> named;
    for (std::size_t input = 0; input < std::min(inputs.size(), declared.main.inputs.size()); ++input) {
        const graph::Value& value = declared.value(declared.main.inputs[input]);
        if (!inputs[input].isTensor()) continue;
        const auto rank = static_cast<std::size_t>(inputs[input].toTensor().dim());
        const data::BatchAxis batch = call.inputAxis(input);
        if (!value.shape && batch && !call.fixedBatch && *batch < rank) named.emplace_back(graph::batchSymbol, Place{input, *batch});
        for (std::size_t axis = 0; value.shape && axis < std::min(rank, value.shape->size()); ++axis) {
            const graph::Dim& dim = (*value.shape)[axis];
            const bool isBatch = isOfBatch({input, axis});
            if (dim.size >= 0 && dim.symbol.empty()) continue;
            if (isBatch && call.fixedBatch) { // only trying showed that it is not free
                add(free.tied, dim.symbol, {input, axis});
                continue;
            }
            const std::string unnamed = isBatch ? std::string(graph::batchSymbol) : value.name + "_" + std::to_string(axis);
            named.emplace_back(dim.symbol.empty() ? unnamed : dim.symbol, Place{input, axis});
            if (isName(dim.symbol)) names.insert(dim.symbol);
        }
    }
    std::set<std::string> expressions;
    for (const auto& [label, place] : named) {
        const bool isExpression = isExpressionOf(label, names);
        if (isExpression) expressions.insert(label);
        add(isExpression ? free.tied : free.symbols, label, place);
    }
    const auto isTied = [&](const Symbol& symbol) {
        return symbol.base < 1 ||
               std::ranges::any_of(expressions, [&](const std::string& expression) { return isExpressionOf(expression, {symbol.label}); });
    };
    std::ranges::copy_if(free.symbols, std::back_inserter(free.tied), isTied);
    std::erase_if(free.symbols, isTied);
    return free;
}

/// Nothing when the model only runs with the size of the data.
std::optional<Variation> varied(const graph::Graph& graph, const std::vector<c10::IValue>& inputs, const Symbol& symbol) {
    for (const std::int64_t sign : {1, -1}) {
        Variation variation{symbol, {}};
        for (const std::int64_t step : steps) {
            const std::int64_t size = symbol.base + sign * step;
            if (size < 1) break;
            auto shapes = shapesOf(graph, resized(inputs, symbol, size));
            if (!shapes) break;
            variation.runs.emplace_back(size, std::move(*shapes));
        }
        if (variation.runs.size() == std::size(steps) || (sign < 0 && !variation.runs.empty())) return variation;
    }
    return std::nullopt;
}

void addFixed(std::vector<FixedSize>& fixed, const graph::Graph& declared, const std::vector<c10::IValue>& inputs, const Symbol& symbol) {
    const auto sizeAt = [&](const Place& place) { return inputs[place.input].toTensor().size(static_cast<std::int64_t>(place.axis)); };
    for (const Place& place : symbol.places)
        fixed.push_back({declared.value(declared.main.inputs[place.input]).name, static_cast<int>(place.axis), sizeAt(place)});
}

/// Writes the sizes of all values. Returns the variation to leave out because a size follows from it in no way that can be told; nothing
/// when all could be told, or need not be.
std::optional<std::size_t> writeSizes(graph::Graph& graph, const Shapes& base, const std::vector<Variation>& variations,
                                      const std::optional<Shapes>& joint, bool mustBeTold) {
    for (std::size_t id = 0; id < base.size(); ++id) {
        auto& shape = graph.values[id].shape;
        if (!base[id] || graph.values[id].kind == graph::ValueKind::Weight) continue;
        shape = *base[id];
        const auto hasRank = [&](const Shapes& shapes) { return shapes[id] && shapes[id]->size() == shape->size(); };
        const auto isComparable = [&](const Variation& each) {
            return std::ranges::all_of(each.runs, [&](const auto& run) { return hasRank(run.second); });
        };
        if (!std::ranges::all_of(variations, isComparable) || (joint && !hasRank(*joint))) continue;
        for (std::size_t axis = 0; axis < shape->size(); ++axis) {
            const SizeRule rule(variations, base, joint ? &*joint : nullptr, id, axis);
            if (rule.isFixed()) continue;
            const std::string text = rule.text();
            if (text.empty() && mustBeTold) return rule.lastVariation();
            (*shape)[axis] = graph::Dim{-1, mustBeTold ? text : rule.label(text)};
        }
    }
    return std::nullopt;
}

} // namespace

base::Result<std::vector<FixedSize>> annotateWithSymbols(graph::Graph& graph, const graph::Graph& declared, const data::Dataset& dataset,
                                                         FreeSizes wanted) {
    std::vector<FixedSize> fixed;
    // Two samples, since of one a batch looks like any other size; one where the model has that in its constants.
    std::vector<c10::IValue> inputs = testCall(dataset, {}, 2);
    graph::Graph annotated = graph;
    if (!runtime::annotateShapes(annotated, inputs)) {
        inputs = testCall(dataset, {}, 1);
        annotated = graph;
        if (auto result = annotate(annotated, dataset); !result) return forward(result);
    }
    Shapes base;
    for (const graph::Value& value : annotated.values)
        base.push_back(value.shape);
    std::vector<Variation> variations;
    const FreePlaces free = freePlaces(declared, dataset, inputs);
    for (const Symbol& symbol : free.tied)
        addFixed(fixed, declared, inputs, symbol);
    for (const Symbol& symbol : free.symbols) {
        const bool isWanted = wanted != FreeSizes::Batch || symbol.isBatch;
        auto variation = isWanted ? varied(graph, inputs, symbol) : std::nullopt;
        if (variation)
            variations.push_back(std::move(*variation));
        else
            addFixed(fixed, declared, inputs, symbol);
    }
    while (true) {
        std::optional<Shapes> joint; // all sizes changed at once: a product shows here
        if (variations.size() > 1) {
            std::vector<c10::IValue> all = inputs;
            for (const Variation& variation : variations)
                all = resized(all, variation.symbol, variation.runs.front().first);
            joint = shapesOf(graph, all);
        }
        const auto leftOut = writeSizes(annotated, base, variations, joint, wanted != FreeSizes::All);
        if (!leftOut) break;
        addFixed(fixed, declared, inputs, variations[*leftOut].symbol);
        variations.erase(variations.begin() + static_cast<std::ptrdiff_t>(*leftOut));
    }
    graph = std::move(annotated);
    return fixed;
}

} // namespace lathe::engine
