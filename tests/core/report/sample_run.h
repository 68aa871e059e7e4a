#pragma once

#include <core/measure/result.h>

namespace lathe::report::test {

/// A comparison with every field set to something that is not its default, and plausible enough to be looked at in a report.
[[nodiscard]] measure::RunDocument sampleRun();

} // namespace lathe::report::test
