#include <core/runtime/kernels/time_kernels_torch.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <c10/core/InferenceMode.h>

#include <core/graph/operands.h>
#include <core/runtime/kernels/bytes/quantize_bytes_torch.h>

namespace lathe::runtime {

namespace {

bool isTimed(std::optional<tensor::DType> dtype) {
    return dtype == tensor::DType::Float32 || dtype == tensor::DType::BFloat16 || dtype == tensor::DType::UInt8;
}

/// The shape to time a value on; nothing when it is not known, or no tensor of float32, bfloat16 or bytes.
std::optional<std::vector<std::int64_t>> shapeOf(const graph::Value& value) {
    if (value.type != graph::TypeKind::Tensor || !isTimed(value.dtype) || !value.shape) return std::nullopt;
    std::vector<std::int64_t> sizes;
    for (const graph::Dim& dim : *value.shape)
        sizes.push_back(dim.size >= 0 ? dim.size : 1);
    return sizes;
}

std::string text(const std::vector<std::int64_t>& sizes) {
    std::string text;
    for (const std::int64_t size : sizes)
        text += (text.empty() ? "" : "x") + std::to_string(size);
    return text.empty() ? "number" : text;
}

std::string text(const graph::Literal& literal) {
    if (const auto* number = std::get_if<std::int64_t>(&literal)) return std::to_string(*number);
    if (const auto* list = std::get_if<std::vector<std::int64_t>>(&literal)) return "[" + text(*list) + "]";
    if (const auto* flag = std::get_if<bool>(&literal)) return *flag ? "true" : "false";
    if (const auto* number = std::get_if<double>(&literal)) return std::to_string(*number);
    if (const auto* word = std::get_if<std::string>(&literal)) return *word;
    return std::holds_alternative<std::monostate>(literal) ? "none" : "…";
}

struct Timed {
    const KernelDefinition* kernel;
    std::unique_ptr<Instruction> instruction;
    std::vector<double> microseconds = {};
};

/// The slots that a node reads, filled.
Slots slotsFor(const KernelContext& context, const graph::Node& node) {
    Slots slots = context.slots;
    for (const graph::Operand& operand : node.operands) {
        graph::forEachValue(operand, [&](graph::ValueId id) {
            const graph::Value& value = context.lowered.graph.value(id);
            if (value.kind == graph::ValueKind::Weight) return;
            const bool isBytes = value.dtype == tensor::DType::UInt8;
            const std::vector<std::int64_t> sizes = shapeOf(value).value();
            // A single number is a factor: a random one could drive what it multiplies into denormal numbers, which are slow.
            at::Tensor input = sizes.empty() ? at::ones({}) : at::randn(sizes);
            // Layers of bytes hand on images with channels last.
            if (input.dim() == 4 && (isBytes || context.mayBeChannelsLast(id))) input = input.contiguous(at::MemoryFormat::ChannelsLast);
            if (isBytes) input = quantizeBytes(input, {.scale = 1.0 / 40, .zeroPoint = 128, .minimum = 0, .maximum = 255});
            if (value.dtype == tensor::DType::BFloat16) input = input.to(at::kBFloat16);
            slots[static_cast<std::size_t>(id)] = std::move(input);
        });
    }
    return slots;
}

double microsecondsOf(Instruction& instruction, Execution& execution) {
    const auto begin = std::chrono::steady_clock::now();
    instruction.run(execution);
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
}

} // namespace

std::optional<std::string> formOf(const KernelContext& context, const graph::Node& node) {
    std::string form = node.op;
    if (const auto known = context.lowered.nodes.find(node.name);
        known != context.lowered.nodes.end() && known->second.payload.has_value()) {
        if (known->second.form.empty()) return std::nullopt;
        form += " " + known->second.form;
    }
    for (const graph::Operand& operand : node.operands) {
        if (operand.isLiteral()) {
            form += " " + text(std::get<graph::Literal>(operand.content));
        } else if (operand.isValue()) {
            const graph::Value& value = context.lowered.graph.value(operand.value());
            if (value.kind == graph::ValueKind::Weight) {
                form += " " + text(value.data.shape());
                continue;
            }
            const auto sizes = shapeOf(value);
            if (!sizes) return std::nullopt;
            form += " " + text(*sizes);
            if (sizes->size() == 4 && context.mayBeChannelsLast(operand.value())) form += " channels last";
        } else {
            return std::nullopt;
        }
    }
    return form;
}

KernelTimes timeKernels(const KernelContext& context, const graph::Node& node, std::span<const KernelDefinition* const> candidates) {
    constexpr std::size_t warmUps = 2, fewestRounds = 3, mostRounds = 25;
    constexpr double enoughMicroseconds = 100'000;
    const c10::InferenceMode inference;
    Slots slots = slotsFor(context, node);
    Execution execution(slots, nullptr);
    std::vector<Timed> timed;
    for (const KernelDefinition* kernel : candidates) {
        InstructionInfo ignored;
        auto made = kernel->make(context, node, ignored);
        if (!made) continue;
        try {
            for (std::size_t round = 0; round < warmUps; ++round)
                (*made)->run(execution);
            timed.push_back({kernel, std::move(*made)});
        } catch (const std::exception&) {
            // The plan says so when it runs, if no other kernel can either.
        }
    }
    double spent = 0;
    for (std::size_t round = 0; round < mostRounds && (round < fewestRounds || spent < enoughMicroseconds); ++round) {
        for (Timed& one : timed) {
            one.microseconds.push_back(microsecondsOf(*one.instruction, execution));
            spent += one.microseconds.back();
        }
    }
    KernelTimes times;
    // The least: other programs only ever add to a time.
    for (const Timed& one : timed)
        times[std::string(one.kernel->id)] = std::ranges::min(one.microseconds);
    return times;
}

} // namespace lathe::runtime
