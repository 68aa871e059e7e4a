#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <core/base/json.h>
#include <core/base/result.h>
#include <core/steps/where.h>

namespace lathe::steps {

/// One step of a recipe as it is written down: its operator, whether it is enabled, the parameters that were set (others have their
/// default), per-layer overrides by name pattern, later patterns winning, and the rule that says which layers it is for. A layer that the
/// rule leaves out has "keep": "float" ("skip": true for pruning), unless an override says otherwise: what is said of a layer itself counts
/// more than a rule.
struct Step {
    std::string op;
    bool enabled = true;
    base::Json parameters = base::Json::object(); ///< nested as in the file: {"ratio": 0.5, "weights": {"bits": 8}}
    std::vector<std::pair<std::string, base::Json>> layers;
    Where where = {}; ///< only for steps that takesWhere() is true of

    /// What was set for the whole step, or for one layer with overrides and the rule (see bound()) applied; nothing: the default holds.
    [[nodiscard]] std::optional<base::Json> setting(std::string_view key) const;
    [[nodiscard]] std::optional<base::Json> setting(std::string_view key, std::string_view layer) const;
    /// The same, or the default. The key must be in the spec of the step (asserted).
    [[nodiscard]] base::Json parameter(std::string_view key) const;
    [[nodiscard]] base::Json parameter(std::string_view key, std::string_view layer) const;
    /// Does the step leave this layer as it is, by its rule or by an override?
    [[nodiscard]] bool leavesOut(std::string_view layer) const;
    bool operator==(const Step&) const = default;
};

/// Do all layer patterns of the step name at least one of these layers? Rejected with the nearest name.
[[nodiscard]] base::Result<> checkLayers(const Step& step, const std::vector<std::string>& layerNames);

/// The step with the names of the first and last of these layers (all of the model, in its order) in its rule, so that it can answer for
/// one layer. To run, not to store: it is for this model only.
[[nodiscard]] Step bound(Step step, const std::vector<std::string>& layerNames);

} // namespace lathe::steps
