// What a call of a plan allocates on the heap, by library:
//     plan_allocations INPUTS.npz BATCH MODEL[:LIBRARY]…
// INPUTS as for plan_latency. Prints the counts of the first five calls, whose results are dropped at once.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <ATen/ATen.h>

#include <core/data/npz.h>
#include <core/formats/model_file.h>
#include <core/runtime/device.h>
#include <core/runtime/plan_torch.h>

#include <tests/support/counted_allocations.h>

namespace {

using namespace lathe;

[[noreturn]] void fail(const std::string& why) {
    std::fprintf(stderr, "plan_allocations: %s\n", why.c_str());
    std::exit(1);
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

} // namespace

int main(int argc, char** argv) {
    if (argc < 4) fail("usage: plan_allocations INPUTS.npz BATCH MODEL[:LIBRARY]…");
    runtime::setThreads(1);
    const auto inputs = inputsFor(argv[1], std::atoll(argv[2]));
    for (int index = 3; index < argc; ++index) {
        std::string file = argv[index];
        runtime::PlanOptions options;
        if (const std::size_t colon = file.rfind(':'); colon != std::string::npos) {
            options.library = file.substr(colon + 1);
            file.resize(colon);
        }
        auto model = formats::openModel(file);
        if (!model) fail(model.error().text());
        if (auto known = runtime::annotateShapes(model->graph, inputs); !known) fail(known.error().text());
        auto plan = runtime::Plan::compile(model->graph, options);
        if (!plan) fail(plan.error().text());
        std::printf("%s, %zu instructions\n", argv[index], plan->instructions().size());
        for (int call = 1; call <= 5; ++call) {
            const auto counts = testing::countedAllocations([&] {
                if (auto output = plan->runTensor(inputs); !output) fail(output.error().text());
            });
            std::printf("  call %d:", call);
            for (const auto& [library, count] : counts)
                std::printf("  %s %zu", library.empty() ? "Lathe" : library.c_str(), count);
            std::printf("\n");
        }
    }
    return 0;
}
