#pragma once

#include <gtest/gtest.h>

#include <tests/core/runtime/graphs.h>

namespace lathe::runtime::testing {

/// A time for each instruction, of a call with so many pictures.
inline void expectTimesOfInstructions(Plan& plan, std::int64_t pictures) {
    const std::vector<c10::IValue> inputs = {at::randn({pictures, 1, 32, 32})};
    const auto microseconds = plan.runTimed(inputs);
    ASSERT_TRUE(microseconds);
    ASSERT_EQ(microseconds->size(), plan.instructions().size());
    for (const double time : *microseconds)
        EXPECT_GT(time, 0);
}

} // namespace lathe::runtime::testing
