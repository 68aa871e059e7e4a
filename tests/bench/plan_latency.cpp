// The latency of compiled models, measured in turns:
//     plan_latency INPUTS.npz BATCH THREADS MODEL[:LIBRARY|:simulated|:timed]… [--instructions]
// INPUTS holds input0, input1, …, whose rows are repeated until there are BATCH of them. Kernels are chosen by their costs unless the
// model's name ends with whose to prefer (lathe, fbgemm, aten, onednn) or with "timed": by what they take on this machine, for one sample
// or the whole call. Prints a median in ms for each model, only that for a single one (for peers_bench.py --also), and with --instructions
// what each instruction takes.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <ATen/ATen.h>

#include <core/base/memory.h>
#include <core/data/npz.h>
#include <core/formats/model_file.h>
#include <core/runtime/compile_for_call_torch.h>
#include <core/runtime/device.h>
#include <core/runtime/plan_torch.h>

namespace {

using namespace lathe;

constexpr double secondsPerModel = 2;
constexpr std::size_t fewestCalls = 10;

struct Candidate {
    std::string name;
    runtime::Plan plan;
    std::vector<double> milliseconds;
};

[[noreturn]] void fail(const std::string& why) {
    std::fprintf(stderr, "plan_latency: %s\n", why.c_str());
    std::exit(1);
}

double median(std::vector<double> samples) {
    std::nth_element(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2), samples.end());
    return samples[samples.size() / 2];
}

Candidate compile(const std::string& argument, const std::vector<c10::IValue>& inputs) {
    runtime::PlanOptions options;
    std::string file = argument;
    if (const std::size_t colon = file.rfind(':'); colon != std::string::npos) {
        const std::string choice = file.substr(colon + 1);
        file.resize(colon);
        if (choice == "simulated")
            options.quantization = runtime::QuantizationMode::Simulated;
        else if (choice == "timed")
            options.choosesByTime = true;
        else
            options.library = choice;
    }
    auto model = formats::openModel(file);
    if (!model) fail(model.error().text());
    auto plan = runtime::compileForCall(model->graph, options, inputs);
    if (!plan) fail(plan.error().text());
    return {argument, std::move(*plan), {}};
}

std::vector<c10::IValue> inputsFor(const char* file, std::int64_t batch) {
    const auto arrays = data::readNpz(file);
    if (!arrays) fail(arrays.error().text());
    std::vector<c10::IValue> inputs;
    for (auto found = arrays->find("input0"); found != arrays->end(); found = arrays->find("input" + std::to_string(inputs.size()))) {
        const at::Tensor rows = runtime::toAten(found->second);
        inputs.emplace_back(rows.index_select(0, at::arange(batch).remainder(rows.size(0))));
    }
    return inputs;
}

void printInstructions(Candidate& candidate, const std::vector<c10::IValue>& inputs) {
    constexpr int runs = 20;
    std::vector<double> total(candidate.plan.instructions().size());
    for (int run = 0; run < runs; ++run) {
        const auto times = candidate.plan.runTimed(inputs);
        if (!times) fail(times.error().text());
        for (std::size_t index = 0; index < total.size(); ++index)
            total[index] += (*times)[index] / runs;
    }
    for (std::size_t index = 0; index < total.size(); ++index) {
        const runtime::InstructionInfo& info = candidate.plan.instructions()[index];
        std::printf("  %10.1f us  %-40s %s\n", total[index], info.kernel.c_str(), info.node.c_str());
    }
}

} // namespace

int main(int argc, char** argv) {
    base::keepFreedMemory();
    std::vector<std::string> arguments(argv + 1, argv + argc);
    const bool showsInstructions = std::erase(arguments, "--instructions") > 0;
    if (arguments.size() < 4) fail("usage: plan_latency INPUTS.npz BATCH THREADS MODEL[:LIBRARY|:simulated|:timed]… [--instructions]");
    runtime::setThreads(std::atoi(arguments[2].c_str()));
    const auto inputs = inputsFor(arguments[0].c_str(), std::atoll(arguments[1].c_str()));
    std::vector<Candidate> candidates;
    for (std::size_t index = 3; index < arguments.size(); ++index)
        candidates.push_back(compile(arguments[index], inputs));
    // The first round warms up and is not counted.
    double seconds = 0;
    const double enough = secondsPerModel * static_cast<double>(candidates.size());
    for (bool isCounted = false; candidates.front().milliseconds.size() < fewestCalls || seconds < enough; isCounted = true) {
        for (Candidate& candidate : candidates) {
            const auto begin = std::chrono::steady_clock::now();
            const auto outputs = candidate.plan.run(inputs);
            const double taken = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
            if (!outputs) fail(outputs.error().text());
            if (isCounted) candidate.milliseconds.push_back(1e3 * taken);
            seconds += taken;
        }
    }
    const double first = median(candidates.front().milliseconds);
    for (Candidate& candidate : candidates) {
        const double middle = median(candidate.milliseconds);
        if (candidates.size() == 1)
            std::printf("%.5f\n", middle);
        else
            std::printf("%10.4f ms  %.2f times as fast  %s\n", middle, first / middle, candidate.name.c_str());
        if (showsInstructions) printInstructions(candidate, inputs);
    }
    return 0;
}
