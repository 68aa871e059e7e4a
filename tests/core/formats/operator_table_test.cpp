#include <core/graph/operators/operator.h>

#include <gtest/gtest.h>

#include <sstream>

#include <core/formats/operator_schema_torch.h>

namespace lathe::formats {
namespace {

std::string text(const c10::FunctionSchema& schema) {
    std::ostringstream stream;
    stream << schema;
    return stream.str();
}

/// TorchScript builds these into its interpreter: they have no schema.
bool isWithoutSchema(const graph::Operator& row) {
    return row.schema.starts_with("prim::") && (row.isVariadic || row.schema.ends_with("-> ...") || row.name == "prim::GetAttr");
}

/// Lathe's own, and those that PyTorch registers in Python.
bool isNotOfLibTorch(const graph::Operator& row) {
    return row.name.starts_with("lathe::") || row.name.starts_with("quantized_decomposed::");
}

TEST(OperatorTable, EachSchemaIsTheOneOfLibTorch) {
    std::size_t compared = 0;
    for (const graph::Operator& row : graph::operators()) {
        const c10::FunctionSchema* schema = findSchema(row.name);
        if (isNotOfLibTorch(row) || (isWithoutSchema(row) && schema == nullptr)) {
            EXPECT_EQ(schema, nullptr) << row.name << " has a schema by now";
            continue;
        }
        ASSERT_NE(schema, nullptr) << row.name << " is no operator of LibTorch";
        if (row.pure == nullptr) {
            EXPECT_EQ(row.schema, text(*schema)) << row.name;
        }
        ++compared;
    }
    EXPECT_GT(compared, 300U);
}

TEST(OperatorTable, OperandsAreReadAsLibTorchReadsThem) {
    for (const graph::Operator& row : graph::operators()) {
        const c10::FunctionSchema* schema = findSchema(row.name);
        if (schema == nullptr) continue;
        ASSERT_EQ(row.operands.size(), schema->arguments().size()) << row.name;
        EXPECT_EQ(row.isVariadic, schema->is_vararg()) << row.name;
        for (std::size_t at = 0; at < row.operands.size(); ++at) {
            const graph::OperandRole& role = row.operands[at];
            const c10::Argument& argument = schema->arguments()[at];
            // The first operand of a form in place may be called otherwise.
            if (row.pure == nullptr || at > 0) {
                EXPECT_EQ(role.name, argument.name()) << row.name;
            }
            const auto missing = defaultOf(argument);
            EXPECT_EQ(role.missing, missing ? std::optional(graph::Operand(*missing)) : std::nullopt) << row.name << " " << role.name;
            const auto* alias = argument.alias_info();
            EXPECT_EQ(role.alias != 0, alias != nullptr) << row.name << " " << role.name;
            EXPECT_EQ(role.isWritten, alias != nullptr && alias->isWrite()) << row.name << " " << role.name;
        }
        ASSERT_EQ(row.resultAliases.size(), schema->returns().size()) << row.name;
        for (std::size_t at = 0; at < row.resultAliases.size(); ++at)
            EXPECT_EQ(row.resultAliases[at] != 0, schema->returns()[at].alias_info() != nullptr) << row.name;
    }
}

} // namespace
} // namespace lathe::formats
