#pragma once

#include <string>
#include <vector>

#include <core/base/json_reader.h>

namespace lathe::formats {

/// The Python values that a program takes or returns, as its call signature has them: tuples, lists, dictionaries and objects around the
/// tensors (torch.utils._pytree).
struct SignatureTree {
    enum class Kind {
        Leaf,
        Sequence,   ///< tuples and lists
        Named,      ///< named tuples: `keys` are the fields
        Dictionary, ///< with `keys`: dictionaries of all kinds, and objects that were registered with the names of their members
    };
    Kind kind = Kind::Leaf;
    std::vector<std::string> keys = {}; ///< one for each child, where there are any
    std::vector<SignatureTree> children = {};
};

/// The tree in `text`, in_spec or out_spec of a signature: JSON in JSON. `fields` is treespec_namedtuple_fields of the file, if it has any.
/// Errors: Rejected when it is no tree; one of a protocol that is not known, too.
[[nodiscard]] base::Result<SignatureTree> signatureTree(const std::string& text, const base::Json& fields);

/// The tree as JSON in JSON: sequences and named tuples as tuples.
[[nodiscard]] std::string signatureText(const SignatureTree& tree);

[[nodiscard]] std::size_t leafCount(const SignatureTree& tree);

/// What callers know each leaf of the inputs by, in order: the key in a dictionary, or the name of the keyword; "" where there is none, and
/// where two would have the same.
[[nodiscard]] std::vector<std::string> inputKeys(const SignatureTree& inputs);

} // namespace lathe::formats
