// Runs one model file on given inputs and writes what it computes, so that scripts can compare it with PyTorch:
//     run_model MODEL INPUTS.npz OUTPUTS.npz [COPY.pt2]
// INPUTS holds input0, input1, …; OUTPUTS will hold output0, output1, … with tuples, lists and dictionaries taken apart, numbers as arrays
// without dimensions. COPY is the model written as an exported program, for check_exported.py. Exit code 2: the model cannot be opened; 1:
// it cannot be run.
#include <cstdio>
#include <string>
#include <vector>

#include <ATen/ATen.h>

#include <core/data/npz.h>
#include <core/formats/model_file.h>
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

int main(int argc, char** argv) {
    if (argc != 4 && argc != 5) {
        std::fprintf(stderr, "usage: run_model MODEL INPUTS.npz OUTPUTS.npz [COPY.pt2]\n");
        return 64;
    }
    const auto model = formats::openModel(argv[1]);
    if (!model) return fail(2, model.error());
    const auto inputs = data::readNpz(argv[2]);
    if (!inputs) return fail(64, inputs.error());
    std::vector<c10::IValue> values;
    for (auto found = inputs->find("input0"); found != inputs->end(); found = inputs->find("input" + std::to_string(values.size())))
        values.emplace_back(runtime::toAten(found->second));
    auto plan = runtime::Plan::compile(model->graph, {});
    if (!plan) return fail(1, plan.error());
    const auto outputs = plan->run(values);
    if (!outputs) return fail(1, outputs.error());
    std::vector<at::Tensor> tensors;
    for (const c10::IValue& output : *outputs)
        flatten(output, tensors);
    std::map<std::string, tensor::Tensor> arrays;
    for (std::size_t i = 0; i < tensors.size(); ++i)
        arrays["output" + std::to_string(i)] = runtime::fromAten(tensors[i].contiguous());
    if (const auto written = data::writeNpz(argv[3], arrays); !written) return fail(1, written.error());
    if (argc == 5) {
        if (const auto copy = formats::writeExportedProgram(model->graph, argv[4]); !copy) return fail(1, copy.error());
    }
    return 0;
}
