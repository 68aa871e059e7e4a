#include <core/graph/operators/operator.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include <core/graph/operators/rows.h>
#include <core/graph/operators/schema.h>

namespace lathe::graph {

namespace {

Operator made(Family family, const OperatorRow& row) {
    Schema schema = parseSchema(row.schema);
    Operator made;
    static_cast<OperatorFacts&>(made) = row.facts;
    made.name = schema.name;
    made.schema = row.schema;
    made.family = family;
    made.operands = std::move(schema.operands);
    made.resultAliases = std::move(schema.resultAliases);
    made.isVariadic = schema.isVariadic;
    return made;
}

/// "aten::squeeze_.dim" of "aten::squeeze.dim".
std::string inPlaceName(const std::string& name) {
    const std::size_t dot = std::min(name.find('.'), name.size());
    return name.substr(0, dot) + "_" + name.substr(dot);
}

/// The same operands and rules; but it is not known on quantized tensors, nor in another order of memory.
Operator inPlaceForm(const Operator& pure) {
    Operator form = pure;
    form.name = inPlaceName(pure.name);
    form.schema.clear();
    form.grid = GridRule::None;
    form.runsOnBytes = false;
    form.order = MemoryOrder::Usual;
    form.endsChannelsLast = nullptr;
    form.hasInPlaceForm = false;
    form.pure = &pure;
    form.operands.front().alias = 'a';
    form.operands.front().isWritten = true;
    form.resultAliases.assign(1, 'a');
    return form;
}

class Table {
public:
    Table() {
        std::size_t inPlaceForms = 0;
        for (const FamilyRows& family : families()) {
            for (const OperatorRow& row : family.rows) {
                m_rows.push_back(made(family.family, row));
                inPlaceForms += row.facts.hasInPlaceForm ? 1 : 0;
            }
        }
        const std::size_t pureForms = m_rows.size();
        m_rows.reserve(pureForms + inPlaceForms); // rows point to each other
        for (std::size_t at = 0; at < pureForms; ++at) {
            if (m_rows[at].hasInPlaceForm) m_rows.push_back(inPlaceForm(m_rows[at]));
        }
        m_byName.reserve(m_rows.size());
        for (const Operator& row : m_rows)
            m_byName.emplace(row.name, &row);
    }

    const Operator* find(std::string_view op) const {
        const auto found = m_byName.find(op);
        return found == m_byName.end() ? nullptr : found->second;
    }
    const std::vector<Operator>& rows() const { return m_rows; }

private:
    static std::array<FamilyRows, 22> families() {
        return {convolutionRows(),  linearRows(),      matrixRows(),     embeddingRows(),  normalizationRows(), poolingRows(),
                activationRows(),   dropoutRows(),     arithmeticRows(), comparisonRows(), shapeRows(),         indexingRows(),
                reductionRows(),    resizeRows(),      recurrentRows(),  attentionRows(),  randomRows(),        conversionRows(),
                quantizationRows(), controlFlowRows(), structureRows(),  loweredRows()};
    }

    std::vector<Operator> m_rows;
    std::unordered_map<std::string_view, const Operator*> m_byName;
};

const Table& table() {
    static const Table table;
    return table;
}

/// What only the name of an operator tells that the table does not know.
bool mayHaveEffects(std::string_view op) {
    /// Operators on lists and dictionaries that change them, although their name has no underscore at the end.
    static constexpr std::array<std::string_view, 14> changing{"append",   "extend",  "insert",    "pop",     "remove",
                                                               "clear",    "reverse", "sort",      "update",  "Delete",
                                                               "set_item", "popitem", "resize_as", "backward"};
    static constexpr std::array<std::string_view, 2> others{"_set_item", "setdefault"};
    const std::size_t colons = op.find("::");
    if (colons == std::string_view::npos) return true;
    const std::string_view library = op.substr(0, colons);
    if (library == "lathe" || library == "quantized_decomposed") return false;
    if (library != "aten") return true;
    std::string_view name = op.substr(colons + 2);
    name = name.substr(0, name.find('.'));
    const bool isInPlace = name.ends_with('_') && !name.ends_with("__");
    return isInPlace || op.ends_with(".out") || op.ends_with("_out") || std::ranges::find(changing, name) != changing.end() ||
           std::ranges::find(others, name) != others.end();
}

} // namespace

std::optional<std::size_t> Operator::position(std::string_view role) const {
    const auto found = std::ranges::find(operands, role, &OperandRole::name);
    return found == operands.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - operands.begin()));
}

bool Operator::writesOperands() const { return std::ranges::any_of(operands, &OperandRole::isWritten); }

const Operator* findOperator(std::string_view op) { return table().find(op); }
const std::vector<Operator>& operators() { return table().rows(); }

bool isOfFamily(std::string_view op, Family family) {
    const Operator* known = findOperator(op);
    return known != nullptr && known->family == family;
}

std::string_view unfusedOperator(std::string_view op) {
    const Operator* known = findOperator(op);
    return known == nullptr || known->unfused.empty() ? op : known->unfused;
}

bool isConvolution(std::string_view op) { return isOfFamily(op, Family::Convolution); }
bool isLinear(std::string_view op) { return isOfFamily(op, Family::Linear); }
bool isWeighted(std::string_view op) { return isConvolution(op) || isLinear(op); }

namespace {

bool hasQdq(std::string_view op, Qdq wanted) {
    const Operator* known = findOperator(op);
    return known != nullptr && known->qdq == wanted;
}

} // namespace

bool isQuantize(std::string_view op) { return hasQdq(op, Qdq::Quantizes); }
bool isDequantize(std::string_view op) { return hasQdq(op, Qdq::Dequantizes); }
bool choosesQparams(std::string_view op) { return hasQdq(op, Qdq::ChoosesGrid); }

bool keepsQuantization(std::string_view op) {
    const Operator* known = findOperator(op);
    return known != nullptr && known->runsOnBytes && (known->grid == GridRule::Moves || known->grid == GridRule::Cuts);
}

ChannelRule channelRule(std::string_view op) {
    const Operator* known = findOperator(op);
    return known != nullptr ? known->channels : ChannelRule::Unknown;
}

bool isRandom(std::string_view op) {
    const Operator* known = findOperator(op);
    return known != nullptr && known->isRandom;
}

bool hasSideEffects(const Node& node) {
    const Operator* known = findOperator(node.op);
    if (known != nullptr ? known->hasEffects || known->writesOperands() : mayHaveEffects(node.op)) return true;
    return std::ranges::any_of(node.blocks, [](const Block& block) { return std::ranges::any_of(block.nodes, hasSideEffects); });
}

} // namespace lathe::graph
