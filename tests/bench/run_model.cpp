// Runs one model file on given inputs and writes what it computes, so that scripts can compare it with PyTorch:
//     run_model MODEL INPUTS.npz OUTPUTS.npz [COPY.pt2 | --simulated | --timed | --stream [INPUT=OUTPUT…]]
// INPUTS holds input0, input1, …; OUTPUTS will hold output0, output1, … with tuples, lists and dictionaries taken apart, numbers as arrays
// without dimensions. COPY is the model written as an exported program. With --simulated quantization is float arithmetic. With --timed the
// plan is the one that latencies are measured with, whose kernels are chosen by time, and OUTPUTS is what its third call gives. With
// --stream the first dimension of the inputs is one call after the other: what the model keeps goes from each to the next, and so do the
// named outputs, counted from 0, to the inputs of these numbers. Exit code 2: the model cannot be opened; 1: it cannot be run.
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/ATen.h>

#include <core/data/npz.h>
#include <core/formats/model_file.h>
#include <core/graph/state.h>
#include <core/runtime/plan_torch.h>

namespace {

using namespace lathe;

int fail(int code, const base::Error& error) {
    std::fprintf(stderr, "%s\n", error.text().c_str());
    return code;
}

void flatten(const c10::IValue& value, std::vector<at::Tensor>& tensors) {
    if (value.isTensor()) {
        tensors.push_back(value.toTensor());
    } else if (value.isTuple()) {
        for (const c10::IValue& element : value.toTupleRef().elements())
            flatten(element, tensors);
    } else if (value.isList()) {
        for (const c10::IValue& element : value.toListRef())
            flatten(element, tensors);
    } else if (value.isGenericDict()) {
        for (const auto& entry : value.toGenericDict())
            flatten(entry.value(), tensors);
    } else if (value.isScalar()) {
        tensors.push_back(at::scalar_tensor(value.toScalar()));
    }
}

} // namespace

namespace {

base::Result<> writeTensors(const std::string& file, const std::vector<at::Tensor>& tensors) {
    std::map<std::string, tensor::Tensor> arrays;
    for (std::size_t i = 0; i < tensors.size(); ++i)
        arrays["output" + std::to_string(i)] = runtime::fromAten(tensors[i].contiguous());
    return data::writeNpz(file, arrays);
}

/// One call after the other; of each output all calls are stacked. Inputs that are carried hold what the first call begins with.
base::Result<std::vector<at::Tensor>> stream(const graph::Graph& graph, std::vector<c10::IValue> given,
                                             const std::map<std::size_t, std::size_t>& carried) {
    const std::vector<graph::State> states = graph::statesOf(graph);
    auto plan = runtime::Plan::compile(graph::withStateOutside(graph), {});
    if (!plan) return base::forward(plan);
    std::vector<c10::IValue> inputs = given;
    for (const graph::State& state : states)
        inputs.emplace_back(runtime::toAten(state.data).clone());
    std::int64_t calls = 0;
    for (std::size_t index = 0; index < given.size(); ++index) {
        if (!carried.contains(index) && given[index].toTensor().dim() > 0) calls = std::max(calls, given[index].toTensor().size(0));
    }
    std::vector<std::vector<at::Tensor>> all;
    for (std::int64_t call = 0; call < calls; ++call) {
        for (std::size_t index = 0; index < given.size(); ++index) {
            const at::Tensor& whole = given[index].toTensor();
            const bool isNumber = graph.value(graph.main.inputs[index]).type == graph::TypeKind::Int;
            if (isNumber)
                inputs[index] = whole.flatten()[0].item<std::int64_t>();
            else if (!carried.contains(index) && whole.dim() > 0)
                inputs[index] = whole[call];
        }
        const auto outputs = plan->run(inputs);
        if (!outputs) return base::forward(outputs);
        const std::size_t own = outputs->size() - states.size();
        for (std::size_t index = 0; index < states.size(); ++index)
            inputs[given.size() + index] = (*outputs)[own + index];
        for (const auto& [input, output] : carried)
            inputs[input] = (*outputs).at(output);
        std::vector<at::Tensor> tensors;
        for (std::size_t index = 0; index < own; ++index)
            flatten((*outputs)[index], tensors);
        all.resize(tensors.size());
        for (std::size_t index = 0; index < tensors.size(); ++index)
            all[index].push_back(tensors[index].clone());
    }
    std::vector<at::Tensor> stacked;
    for (const std::vector<at::Tensor>& parts : all)
        stacked.push_back(at::stack(parts));
    return stacked;
}

int streamTo(const graph::Graph& graph, std::vector<c10::IValue> values, int argc, char** argv) {
    std::map<std::size_t, std::size_t> carried;
    for (int at = 5; at < argc; ++at) {
        const std::string pair = argv[at];
        carried.emplace(std::stoul(pair), std::stoul(pair.substr(pair.find('=') + 1)));
    }
    const auto outputs = stream(graph, std::move(values), carried);
    if (!outputs) return fail(1, outputs.error());
    const auto written = writeTensors(argv[3], *outputs);
    return written ? 0 : fail(1, written.error());
}

} // namespace

int main(int argc, char** argv) {
    const bool streams = argc > 4 && std::string_view(argv[4]) == "--stream";
    if (argc != 4 && argc != 5 && !streams) {
        std::fprintf(stderr,
                     "usage: run_model MODEL INPUTS.npz OUTPUTS.npz [COPY.pt2 | --simulated | --timed | --stream [INPUT=OUTPUT…]]\n");
        return 64;
    }
    auto model = formats::openModel(argv[1]);
    if (!model) return fail(2, model.error());
    const auto inputs = data::readNpz(argv[2]);
    if (!inputs) return fail(64, inputs.error());
    std::vector<c10::IValue> values;
    for (auto found = inputs->find("input0"); found != inputs->end(); found = inputs->find("input" + std::to_string(values.size())))
        values.emplace_back(runtime::toAten(found->second));
    if (streams) return streamTo(model->graph, std::move(values), argc, argv);
    const bool isSimulated = argc == 5 && std::string_view(argv[4]) == "--simulated";
    runtime::PlanOptions planOptions;
    if (isSimulated) planOptions.quantization = runtime::QuantizationMode::Simulated;
    planOptions.choosesByTime = argc == 5 && std::string_view(argv[4]) == "--timed";
    if (planOptions.choosesByTime) {
        if (const auto known = runtime::annotateShapes(model->graph, values); !known) return fail(1, known.error());
    }
    auto plan = runtime::Plan::compile(model->graph, planOptions);
    if (!plan) return fail(1, plan.error());
    auto outputs = plan->run(values);
    // The first call packs weights, the second is the first in planned memory.
    for (int call = 1; call < 3 && outputs && planOptions.choosesByTime; ++call)
        outputs = plan->run(values);
    if (!outputs) return fail(1, outputs.error());
    std::vector<at::Tensor> tensors;
    for (const c10::IValue& output : *outputs)
        flatten(output, tensors);
    if (const auto written = writeTensors(argv[3], tensors); !written) return fail(1, written.error());
    if (argc == 5 && !isSimulated && !planOptions.choosesByTime) {
        if (const auto copy = formats::writeExportedProgram(model->graph, argv[4]); !copy) return fail(1, copy.error());
    }
    return 0;
}
