#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <core/history/history.h>

namespace lathe::history {

/// What two runs must share before a figure of one is set against a figure of the other. Differences, ratios, baselines and fronts never
/// leave a scope.
struct Scope {
    std::string model;      ///< SHA-256 of the file; its name where that is not recorded
    std::string data;       ///< SHA-256 of samples, labels and preprocessing; its name where that is not recorded
    std::string task;       ///< "classification": labels are predicted; "outputs": there are none, outputs stand for themselves
    std::string device;     ///< "cpu", "cuda:0"
    std::string machine;    ///< name of the CPU or GPU, so that runs of two machines in one history do not mix; "" where it is not recorded
    int threads = 0;        ///< as the run was set; 0 where it is not recorded
    std::int64_t batch = 1; ///< of the latency calls
    std::string modelName, dataName; ///< for words: no part of what is compared

    /// The same but for the names.
    [[nodiscard]] bool operator==(const Scope& other) const;
};

[[nodiscard]] Scope scopeOf(const RunRow& run);

enum class ScopePart { Model, Data, Task, Device, Machine, Threads, Batch };

/// The parts in which two scopes differ, in the order of the enum.
[[nodiscard]] std::vector<ScopePart> differences(const Scope& a, const Scope& b);
/// A part as people read it: "lenet5.pt", "2". Model and data by their name.
[[nodiscard]] std::string partText(const Scope& scope, ScopePart part);
/// Of two things that are called alike but are not the same, which: "lenet5.pt (aa11bb22)". Other parts as partText.
[[nodiscard]] std::string distinctPartText(const Scope& scope, ScopePart part, const Scope& other);

/// "lenet5.pt · fashion-mnist · cpu, AMD EPYC 7R13, 2 threads, batch 1".
[[nodiscard]] std::string text(const Scope& scope);
/// Why runs of the two are not compared: "different data: fashion-mnist and digits; different threads: 2 and 4". "" when they are.
[[nodiscard]] std::string whyNotCompared(const Scope& a, const Scope& b);

} // namespace lathe::history
