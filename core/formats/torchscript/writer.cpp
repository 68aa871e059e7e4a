#include <core/formats/torchscript/writer_torch.h>

#include <cctype>
#include <cmath>

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <core/base/files.h>
#include <core/formats/lookup_operators.h>
#include <core/formats/model_file.h>
#include <core/formats/torch_error_torch.h>
#include <core/formats/torchscript/archive_torch.h>
#include <core/formats/torchscript/forward_emitter_torch.h>
#include <core/formats/torchscript/module_builder_torch.h>

namespace lathe::formats {

namespace {

base::Message failed() { return {"export.noTorchScript", {}}; }

/// "lenet-5" → "lenet_5": what Python shows as the model's class.
std::string className(const std::string& modelName) {
    std::string name;
    for (const char letter : modelName)
        name += std::isalnum(static_cast<unsigned char>(letter)) != 0 && static_cast<unsigned char>(letter) < 128 ? letter : '_';
    const bool isUsable = !name.empty() && std::isalpha(static_cast<unsigned char>(name[0])) != 0 && !name.starts_with("Layer");
    return isUsable ? name : "Model";
}

/// TorchScript prints whole floats from 1e10 to 1e17 without a point, and reads them as integers, which no operator takes for a float: they
/// become products of smaller ones, exactly.
void splitWholeFloats(torch::jit::Block& block, torch::jit::Graph& graph) {
    constexpr double least = 1e10, most = 1e17, factor = 1 << 30;
    for (torch::jit::Node* node : block.nodes()) {
        for (torch::jit::Block* inner : node->blocks())
            splitWholeFloats(*inner, graph);
        const auto value = node->kind() == c10::prim::Constant ? torch::jit::toIValue(node->output()) : std::nullopt;
        if (!value || !value->isDouble()) continue;
        const double number = value->toDouble(), size = std::fabs(number);
        if (size < least || size >= most || number != std::trunc(number)) continue;
        const torch::jit::WithInsertPoint here(node->next());
        torch::jit::Value* part = graph.insertConstant(number / factor);
        torch::jit::Value* product = graph.insert(c10::aten::mul, {part, graph.insertConstant(factor)});
        node->output()->replaceAllUsesWith(product);
    }
}

} // namespace

base::Result<torch::jit::Module> buildModule(const graph::Graph& model) {
    const graph::Graph graph = withLookupsInAten(model);
    return guarded(base::ErrorCode::Failed, failed(), [&]() -> base::Result<torch::jit::Module> {
        const auto forward = std::make_shared<torch::jit::Graph>();
        ModuleBuilder modules(forward);
        if (auto emitted = ForwardEmitter(graph, *forward, modules).run(); !emitted) return base::forward(emitted);
        splitWholeFloats(*forward->block(), *forward);
        torch::jit::EliminateDeadCode(forward);
        forward->lint();
        return modules.build(className(graph.name));
    });
}

base::Result<std::int64_t> writeTorchScript(const graph::Graph& graph, const std::filesystem::path& file) {
    const auto module = buildModule(graph);
    if (!module) return base::forward(module);
    const auto bytes = guarded(base::ErrorCode::Failed, failed(), [&]() -> base::Result<std::string> { return writeArchive(*module); });
    if (!bytes) return base::forward(bytes);
    if (auto written = base::writeFile(file, *bytes); !written) return base::forward(written);
    return static_cast<std::int64_t>(bytes->size());
}

} // namespace lathe::formats
