#include <core/runtime/kernels/kernel_table.h>

#include <algorithm>
#include <cctype>
#include <set>

#include <gtest/gtest.h>

#include <core/graph/operators/names.h>
#include <core/graph/operators/operator.h>

namespace lathe::runtime {
namespace {

TEST(KernelTable, RowsAreComplete) {
    std::set<std::string_view> ids;
    for (const KernelDefinition& kernel : kernels()) {
        EXPECT_TRUE(ids.insert(kernel.id).second) << kernel.id << " stands in it twice";
        // Ids stand in files, and their first part is a choice on the command line of the bench.
        EXPECT_NE(kernel.id.find('.'), std::string_view::npos) << kernel.id;
        EXPECT_TRUE(std::ranges::all_of(kernel.id, [](char c) { return std::islower(c) || std::isdigit(c) || c == '.' || c == '_'; }))
            << kernel.id;
        EXPECT_FALSE(kernel.words.empty()) << kernel.id;
        EXPECT_TRUE(kernel.accepts != nullptr && kernel.make != nullptr) << kernel.id;
    }
}

TEST(KernelTable, WhatOnlyTheRuntimeHasHasAKernel) {
    const auto libraryOnly = kernelsFor("an operator that nobody knows");
    ASSERT_EQ(libraryOnly.size(), 1U);
    for (const graph::Operator& known : graph::operators()) {
        const bool isOurs = known.family == graph::Family::Lowered || known.family == graph::Family::Quantization || !known.unfused.empty();
        if (!isOurs) continue;
        EXPECT_NE(kernelsFor(known.name).front(), libraryOnly.front()) << known.name;
    }
}

TEST(KernelTable, CandidatesComeInTheOrderOfTheTable) {
    std::vector<const KernelDefinition*> inOrder;
    for (const KernelDefinition& kernel : kernels()) {
        if (std::ranges::find(kernel.ops, graph::op::int8Layer) != kernel.ops.end()) inOrder.push_back(&kernel);
    }
    EXPECT_GE(inOrder.size(), 4U);
    EXPECT_TRUE(std::ranges::equal(kernelsFor(graph::op::int8Layer), inOrder));
}

} // namespace
} // namespace lathe::runtime
