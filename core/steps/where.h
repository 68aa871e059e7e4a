#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <core/base/result.h>

namespace lathe::steps {

/// Which layers a step is for, as a rule instead of a list: `"where": ["!first", "!last"]`, `"where": ["layer2.*.conv1", "!layer2.1.*"]`.
/// The entries are read in their order: each adds the layers that its pattern fits (`*` any characters, `?` one), and with `!` in front it
/// takes them away. A rule that begins with `!` begins with all layers; an empty one is all of them. "first" and "last" are the first and
/// the last layer of the model (a layer that is really called so is written "?irst", "?ast").
using Where = std::vector<std::string>;

/// Does the rule hold for this layer? "first" and "last" must have been replaced by bound().
[[nodiscard]] bool fits(const Where& where, std::string_view layer);

/// The rule with the names of the first and the last of these layers in the place of the words; a rule without them is as it was.
[[nodiscard]] Where bound(Where where, const std::vector<std::string>& layerNames);

/// Does each entry fit at least one of these layers, and the whole rule too? Rejected: `no layer fits "layr2.*"; nearest:
/// "layer2.0.conv1"`.
[[nodiscard]] base::Result<> check(const Where& where, const std::vector<std::string>& layerNames);

} // namespace lathe::steps
