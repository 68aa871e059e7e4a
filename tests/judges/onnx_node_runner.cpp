// Runs models on the data beside them and compares: folders with model.onnx and test_data_set_0/input_0.pb, output_0.pb, … as ONNX's
// backend tests have them. The folders are read from standard input, one a line; prints a line for each: "ok", or "failed" and why.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <string>

#include <ATen/ATen.h>

#include <core/base/files.h>
#include <core/formats/import_report.h>
#include <core/formats/onnx/reader.h>
#include <core/formats/onnx/tensor_data.h>
#include <core/runtime/plan_torch.h>

namespace {

using namespace lathe;
namespace fs = std::filesystem;

constexpr double relativeTolerance = 1e-3, absoluteTolerance = 1e-5;

/// input_0.pb, input_1.pb, … of a folder.
base::Result<std::vector<at::Tensor>> readTensors(const fs::path& folder, const std::string& prefix) {
    std::vector<at::Tensor> tensors;
    formats::onnx::ExternalData files(formats::FilesBeside({folder}));
    for (int number = 0;; ++number) {
        const fs::path file = folder / (prefix + std::to_string(number) + ".pb");
        if (!fs::exists(file)) return tensors;
        const auto bytes = base::readFile(file);
        if (!bytes) return base::forward(bytes);
        const auto proto = formats::onnx::parseTensor(*bytes);
        if (!proto) return base::forward(proto, "reading " + file.string());
        const auto data = formats::onnx::readTensor(*proto, files);
        if (!data) return base::forward(data, "reading " + file.string());
        tensors.push_back(runtime::toAten(*data).clone());
    }
}

/// What is wrong with `actual`; "" when it is as expected.
std::string difference(const at::Tensor& expected, const at::Tensor& actual) {
    if (expected.sizes() != actual.sizes()) return "has another shape";
    const at::Tensor a = expected.to(at::kDouble), b = actual.to(at::kDouble);
    if (at::allclose(b, a, relativeTolerance, absoluteTolerance, true)) return "";
    return "differs by up to " + std::to_string((a - b).abs().max().item<double>());
}

std::string run(const fs::path& folder) {
    const auto model = formats::readOnnx(folder / "model.onnx");
    if (!model) return model.error().text();
    const auto report = formats::makeReport(model->graph, "onnx", model->problems);
    if (!report.runs) return report.problems.front().reason;
    auto plan = runtime::Plan::compile(model->graph, {});
    if (!plan) return plan.error().text();
    for (int set = 0;; ++set) {
        const fs::path data = folder / ("test_data_set_" + std::to_string(set));
        if (!fs::exists(data)) return set == 0 ? "has no data" : "";
        const auto inputs = readTensors(data, "input_"), expected = readTensors(data, "output_");
        if (!inputs) return inputs.error().text();
        if (!expected) return expected.error().text();
        const std::vector<c10::IValue> values(inputs->begin(), inputs->end());
        const auto outputs = plan->run(values);
        if (!outputs) return outputs.error().text();
        if (outputs->size() != expected->size()) return "has another number of outputs";
        for (std::size_t index = 0; index < outputs->size(); ++index) {
            if (!(*outputs)[index].isTensor()) return "output " + std::to_string(index) + " is no tensor";
            const std::string wrong = difference((*expected)[index], (*outputs)[index].toTensor());
            if (!wrong.empty()) return "output " + std::to_string(index) + " " + wrong;
        }
    }
}

} // namespace

int main() {
    std::string folder;
    while (std::getline(std::cin, folder)) {
        std::string wrong;
        try {
            wrong = run(folder);
        } catch (const std::exception& error) {
            wrong = std::string("exception: ") + error.what();
        }
        std::ranges::replace(wrong, '\n', ' ');
        std::cout << (wrong.empty() ? "ok" : "failed") << '\t' << folder << '\t' << wrong << std::endl;
    }
    return 0;
}
