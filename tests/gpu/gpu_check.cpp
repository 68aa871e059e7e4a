// Checks on a machine with a GPU that plans give there what they give on the CPU, and prints time and memory. Run by run.sh of the GPU
// bundle. Exit status: 0 all the same, 1 something differs or fails, 4 no GPU.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include <tests/core/runtime/quantized_graphs.h>

namespace {

using namespace lathe;
using namespace lathe::runtime;

constexpr int exitFailure = 1;
constexpr int exitNoDevice = 4;
constexpr int timedRuns = 200;

double median(std::vector<double> samples) {
    std::nth_element(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2), samples.end());
    return samples[samples.size() / 2];
}

Plan planOn(const Device& device, const graph::Graph& graph, bool training = false) {
    PlanOptions options;
    options.device = device;
    options.quantization = QuantizationMode::Simulated;
    options.training = training;
    return testing::compiled(graph, options);
}

/// Median milliseconds of one run, by events on the device.
double medianMs(Plan& plan, const Device& device, const at::Tensor& input) {
    std::vector<double> samples;
    DeviceTimer timer(device);
    for (int run = 0; run < timedRuns; ++run) {
        timer.start();
        testing::runOn(plan, input);
        samples.push_back(timer.stopMs());
    }
    return median(std::move(samples));
}

bool report(const std::string& what, double difference, double allowed) {
    const bool isSame = difference <= allowed;
    std::printf("%-44s largest difference %.3g (allowed %.3g): %s\n", what.c_str(), difference, allowed, isSame ? "same" : "DIFFERENT");
    return isSame;
}

bool checkInference(const std::string& name, const graph::Graph& graph, const Device& device, double allowed) {
    Plan cpu = planOn({}, graph);
    Plan gpu = planOn(device, graph);
    bool isSame = true;
    for (const std::int64_t batch : {1, 256}) {
        const at::Tensor input = at::randn({batch, 1, 32, 32});
        const at::Tensor onDevice = input.to(torchDevice(device));
        const at::Tensor expected = testing::runOn(cpu, input);
        const at::Tensor difference = (testing::runOn(gpu, onDevice).cpu() - expected).abs();
        isSame = report(name + ", batch " + std::to_string(batch), difference.max().item<double>(), allowed) && isSame;
        std::printf("    %.4f ms a run\n", medianMs(gpu, device, onDevice));
        const std::vector<c10::IValue> inputs = {onDevice};
        const auto microseconds = gpu.runTimed(inputs);
        if (!microseconds) throw std::runtime_error(microseconds.error().text());
        for (std::size_t index = 0; index < microseconds->size(); ++index)
            std::printf("    %-24s %-28s %8.1f us\n", gpu.instructions()[index].node.c_str(), gpu.instructions()[index].kernel.c_str(),
                        (*microseconds)[index]);
    }
    return isSame;
}

bool checkTraining(const Device& device) {
    const graph::Graph graph = testing::leNet();
    Plan cpu = planOn({}, graph, true);
    Plan gpu = planOn(device, graph, true);
    const at::Tensor input = at::randn({16, 1, 32, 32});
    const at::Tensor target = at::randint(0, 10, {16});
    at::cross_entropy_loss(testing::runOn(cpu, input), target).backward();
    at::cross_entropy_loss(testing::runOn(gpu, input.to(torchDevice(device))), target.to(torchDevice(device))).backward();
    double difference = 0;
    const auto parameters = gpu.parameters();
    for (const auto& [name, parameter] : cpu.parameters())
        difference = std::max(difference, (parameters.at(name).grad().cpu() - parameter.grad()).abs().max().item<double>());
    return report("gradients of LeNet-5, batch 16", difference, 1e-3);
}

} // namespace

int main(int argc, char** argv) {
    const auto device = parseDevice(argc > 1 ? argv[1] : "cuda:0");
    const auto required = device ? requireDevice(*device) : base::Result<>(base::forward(device));
    if (!required) {
        std::fprintf(stderr, "gpu_check: %s\n", required.error().text().c_str());
        return device ? exitNoDevice : exitFailure;
    }
    try {
        for (const DeviceInfo& info : availableDevices())
            std::printf("%s: %s, %s, %lld MiB\n", text(info.device).c_str(), info.name.c_str(), info.detail.c_str(),
                        static_cast<long long>(info.memoryBytes >> 20));
        at::manual_seed(1);
        // TensorFloat-32 rounds to ten bits, which is more than the kernels differ by.
        at::globalContext().setAllowTF32CuDNN(false);
        if (auto reset = resetPeakMemory(*device); !reset) throw std::runtime_error(reset.error().text());
        bool isSame = checkInference("LeNet-5 float", testing::leNet(), *device, 1e-3);
        isSame = checkInference("LeNet-5 int8, simulated", testing::quantizedLeNet(), *device, 0.1) && isSame;
        isSame = checkTraining(*device) && isSame;
        const auto memory = deviceMemory(*device);
        if (!memory) throw std::runtime_error(memory.error().text());
        std::printf("memory: %.1f MiB at most, %.1f MiB now\n", static_cast<double>(memory->peakBytes) / (1 << 20),
                    static_cast<double>(memory->allocatedBytes) / (1 << 20));
        std::printf(isSame ? "All the same as on the CPU.\n" : "Not the same as on the CPU.\n");
        return isSame ? 0 : exitFailure;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "gpu_check: %s\n", error.what());
        return exitFailure;
    }
}
