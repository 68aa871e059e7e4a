// What a plan adds to each operator call: a chain of 100 cheap operators, run by a plan and by direct calls, in turns. Prints microseconds
// per operator.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <core/runtime/plan_torch.h>

namespace {

constexpr int chainLength = 100;
constexpr int rounds = 2000;

double median(std::vector<double>& samples) {
    std::nth_element(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2), samples.end());
    return samples[samples.size() / 2];
}

template<class Call>
double microseconds(Call call) {
    const auto begin = std::chrono::steady_clock::now();
    call();
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
}

} // namespace

int main() {
    using namespace lathe;
    runtime::setThreads(1);
    graph::Graph graph;
    graph::ValueId value = graph.addInput("x");
    for (int index = 0; index < chainLength; ++index)
        value = graph.addNode("aten::neg", "negate" + std::to_string(index), {value}).results[0];
    graph.main.outputs.emplace_back(value);
    auto plan = runtime::Plan::compile(graph, {});
    if (!plan) {
        std::fprintf(stderr, "plan_overhead: %s\n", plan.error().text().c_str());
        return 1;
    }

    const at::Tensor input = at::ones({1, 16});
    std::vector<double> planned;
    std::vector<double> direct;
    for (int round = 0; round < rounds; ++round) {
        planned.push_back(microseconds([&] { (void)plan->runTensor(input); }) / chainLength);
        direct.push_back(microseconds([&] {
                             const c10::InferenceMode inference;
                             at::Tensor tensor = input;
                             for (int index = 0; index < chainLength; ++index)
                                 tensor = at::neg(tensor);
                         }) /
                         chainLength);
    }
    const double plannedMedian = median(planned);
    const double directMedian = median(direct);
    std::printf("plan      %.3f us per instruction\ndirect    %.3f us per call\noverhead  %.3f us per instruction\n", plannedMedian,
                directMedian, plannedMedian - directMedian);
    return 0;
}
