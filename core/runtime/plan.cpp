#include <core/runtime/plan_torch.h>

#include <chrono>
#include <optional>

#include <ATen/core/grad_mode.h>
#include <c10/core/Event.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <core/runtime/plan_memory_torch.h>
#include <core/runtime/program_torch.h>

namespace lathe::runtime {

namespace {

/// The first line of what PyTorch says, without its C++ stack.
std::string firstLine(const std::string& message) { return message.substr(0, message.find('\n')); }

/// Runs `call` and turns what it throws into an error; `where` gives the node that ran last.
template<class Call, class Where>
base::Result<> guarded(Call call, Where where) {
    const auto sentence = [&](const std::string& what) {
        const std::string node = where();
        return node.empty() ? what : node + ": " + what;
    };
    try {
        call();
        return {};
    } catch (const c10::OutOfMemoryError&) {
        return base::failure(base::ErrorCode::Failed, sentence("The memory of the device is not enough."));
    } catch (const c10::Error& error) {
        return base::failure(base::ErrorCode::Rejected, sentence(firstLine(error.what_without_backtrace())));
    } catch (const std::bad_alloc&) {
        return base::failure(base::ErrorCode::Failed, sentence("The memory of the machine is not enough."));
    } catch (const std::exception& error) {
        return base::failure(base::ErrorCode::Rejected, sentence(firstLine(error.what())));
    }
}

class ValueWatcher final : public Watcher {
public:
    explicit ValueWatcher(const Plan::Observer& observe) : m_observe(observe) {}
    void before(const Step&) override {}
    void after(const Step& step, const Slots& slots) override {
        for (const graph::ValueId id : step.results) {
            const c10::IValue& value = slots[static_cast<std::size_t>(id)];
            if (value.isTensor() && value.toTensor().defined()) m_observe(id, value.toTensor());
        }
    }

private:
    const Plan::Observer& m_observe;
};

/// Times every step by the clock or, on a GPU, by events on its stream. A control-flow step is charged without the steps of its blocks.
class TimeWatcher final : public Watcher {
public:
    TimeWatcher(at::Device device, std::size_t count) : m_device(device), m_microseconds(count, 0) {}

    void before(const Step&) override { m_open.push_back({now(), 0}); }
    void after(const Step& step, const Slots&) override {
        const Open open = std::move(m_open.back());
        m_open.pop_back();
        m_spans.push_back({step.info, open, now()});
        if (m_device.is_cpu()) settle();
    }
    std::vector<double> microseconds() {
        settle();
        return std::move(m_microseconds);
    }

private:
    struct Moment {
        std::chrono::steady_clock::time_point clock;
        std::shared_ptr<c10::Event> event;
    };
    struct Open {
        Moment begin;
        double inner = 0; ///< microseconds of steps inside
    };
    struct Span {
        int info;
        Open open;
        Moment end;
    };

    Moment now() const {
        if (m_device.is_cpu()) return {std::chrono::steady_clock::now(), nullptr};
        const c10::impl::VirtualGuardImpl guard(m_device.type());
        auto event = std::make_shared<c10::Event>(m_device.type(), c10::EventFlag::BACKEND_DEFAULT);
        event->record(guard.getStream(m_device));
        return {{}, std::move(event)};
    }
    void settle() {
        if (!m_device.is_cpu()) c10::impl::VirtualGuardImpl(m_device.type()).synchronizeDevice(m_device.index());
        for (Span& span : m_spans) {
            const double whole = m_device.is_cpu()
                                     ? std::chrono::duration<double, std::micro>(span.end.clock - span.open.begin.clock).count()
                                     : span.open.begin.event->elapsedTime(*span.end.event) * 1000.0;
            m_microseconds[static_cast<std::size_t>(span.info)] += whole - span.open.inner;
            if (!m_open.empty()) m_open.back().inner += whole;
        }
        m_spans.clear();
    }

    at::Device m_device;
    std::vector<double> m_microseconds;
    std::vector<Open> m_open;
    std::vector<Span> m_spans;
};

/// Inference leaves autograd out altogether; training records.
class GradientMode {
public:
    explicit GradientMode(bool training) {
        if (training)
            m_training.emplace(true);
        else
            m_inference.emplace();
    }

private:
    std::optional<at::AutoGradMode> m_training;
    std::optional<c10::InferenceMode> m_inference;
};

} // namespace

struct Plan::Impl {
    PlanOptions options;
    std::unique_ptr<PlanMemory> memory; ///< nullptr where autograd keeps what a call computes, and on GPUs
    Program program;
    std::vector<c10::IValue> ofRunTensor; ///< its outputs, whose calls make no list anew

    base::Result<> checkInputs(std::span<const c10::IValue> inputs) const {
        const std::size_t wanted = program.inputs.size();
        if (inputs.size() != wanted) {
            return base::failure(base::ErrorCode::InvalidArgument, base::Message(wanted == 1 ? "model.takesOneInput" : "model.takesInputs",
                                                                                 {{"inputs", wanted}, {"given", inputs.size()}}));
        }
        for (std::size_t index = 0; index < wanted; ++index) {
            if (program.inputTypes[index] == graph::TypeKind::Tensor && !inputs[index].isTensor())
                return base::failure(base::ErrorCode::InvalidArgument,
                                     "Input " + std::to_string(index + 1) + " of the model must be a tensor.");
        }
        return {};
    }

    void clear() {
        for (const graph::ValueId id : program.cleared)
            program.slots[static_cast<std::size_t>(id)] = c10::IValue();
    }

    base::Result<> run(std::span<const c10::IValue> inputs, std::vector<c10::IValue>& outputs, Watcher* watcher) {
        if (auto checked = checkInputs(inputs); !checked) return base::forward(checked);
        const auto watchedBy = [this](Watcher* who) {
            return [this, who](std::span<const c10::IValue> part, std::vector<c10::IValue>& ofPart) { return runOnce(part, ofPart, who); };
        };
        const auto samples = program.passes ? program.passes->samplesFor(inputs, watchedBy(nullptr)) : std::nullopt;
        if (!samples) return runOnce(inputs, outputs, watcher);
        if (BatchPasses::run(inputs, *samples, watchedBy(watcher), outputs)) return {};
        program.passes.reset(); // the whole call says what is wrong
        return runOnce(inputs, outputs, watcher);
    }

    /// All instructions, once. `isObserved`: somebody may keep what he sees, so that no memory is planned.
    base::Result<> runOnce(std::span<const c10::IValue> inputs, std::vector<c10::IValue>& outputs, Watcher* watcher,
                           bool isObserved = false) {
        const GradientMode mode(options.training);
        Execution execution(program.slots, watcher);
        outputs.clear();
        std::optional<PlanMemory::Call> call;
        auto done = guarded(
            [&] {
                if (memory && !isObserved) call.emplace(*memory, inputs);
                for (std::size_t index = 0; index < inputs.size(); ++index)
                    execution.slot(program.inputs[index]) = inputs[index];
                execution.run(program.main);
                program.outputs.push(program.slots, outputs);
            },
            [&] { return execution.current() ? program.infos[static_cast<std::size_t>(execution.current()->info)].node : std::string(); });
        clear();
        if (done && call) done = guarded([&] { call->succeeded(); }, [] { return std::string(); });
        if (!done) outputs.clear();
        return done;
    }
};

Plan::Plan(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Plan::Plan(Plan&&) noexcept = default;
Plan& Plan::operator=(Plan&&) noexcept = default;
Plan::~Plan() = default;

base::Result<Plan> Plan::compile(const graph::Graph& graph, const PlanOptions& options) {
    if (auto available = requireDevice(options.device); !available) return base::forward(available);
    auto impl = std::make_unique<Impl>();
    impl->options = options;
    if (options.device.kind == Device::Kind::Cpu && !options.training) impl->memory = std::make_unique<PlanMemory>();
    base::Result<> compiled;
    auto done = guarded(
        [&] {
            auto program = compileProgram(graph, options);
            if (program)
                impl->program = std::move(*program);
            else
                compiled = base::forward(program);
        },
        [] { return std::string(); });
    if (!done) return base::forward(done);
    if (!compiled) return base::forward(compiled);
    return Plan(std::move(impl));
}

base::Result<std::vector<c10::IValue>> Plan::run(std::span<const c10::IValue> inputs) {
    std::vector<c10::IValue> outputs;
    if (auto done = m_impl->run(inputs, outputs, nullptr); !done) return base::forward(done);
    return outputs;
}

base::Result<at::Tensor> Plan::runTensor(const at::Tensor& input) {
    const c10::IValue value(input);
    return runTensor({&value, 1});
}

base::Result<at::Tensor> Plan::runTensor(std::span<const c10::IValue> inputs) {
    if (auto done = m_impl->run(inputs, m_impl->ofRunTensor, nullptr); !done) return base::forward(done);
    if (m_impl->ofRunTensor.empty()) return base::failure(base::ErrorCode::Rejected, "The model has no output.");
    c10::IValue output = std::move(m_impl->ofRunTensor.front());
    m_impl->ofRunTensor.clear();
    while (!output.isTensor()) {
        if (output.isTuple() && output.toTupleRef().elements().size() == 1)
            output = c10::IValue(output.toTupleRef().elements()[0]);
        else if (output.isList() && output.toListRef().size() == 1)
            output = c10::IValue(output.toListRef()[0]);
        else
            return base::failure(base::ErrorCode::Rejected, "The first output of the model is a " + output.tagKind() + ", not a tensor.");
    }
    return output.toTensor();
}

base::Result<std::vector<c10::IValue>> Plan::runObserved(std::span<const c10::IValue> inputs, const Observer& observe) {
    if (auto checked = m_impl->checkInputs(inputs); !checked) return base::forward(checked);
    for (std::size_t index = 0; index < inputs.size(); ++index) {
        if (inputs[index].isTensor()) observe(m_impl->program.inputs[index], inputs[index].toTensor());
    }
    ValueWatcher watcher(observe);
    std::vector<c10::IValue> outputs;
    if (auto done = m_impl->runOnce(inputs, outputs, &watcher, true); !done) return base::forward(done);
    return outputs;
}

base::Result<std::vector<double>> Plan::runTimed(std::span<const c10::IValue> inputs) {
    TimeWatcher watcher(torchDevice(m_impl->options.device), m_impl->program.infos.size());
    std::vector<c10::IValue> outputs;
    if (auto done = m_impl->run(inputs, outputs, &watcher); !done) return base::forward(done);
    std::vector<double> microseconds;
    if (auto settled = guarded([&] { microseconds = watcher.microseconds(); }, [] { return std::string(); }); !settled)
        return base::forward(settled);
    return microseconds;
}

const std::vector<InstructionInfo>& Plan::instructions() const { return m_impl->program.infos; }

std::optional<std::int64_t> Plan::samplesPerPass(std::span<const c10::IValue> inputs) const {
    return m_impl->program.passes ? m_impl->program.passes->knownSamplesFor(inputs) : std::nullopt;
}

std::map<std::string, at::Tensor> Plan::parameters() const { return m_impl->program.weights.parameters(); }

void Plan::storeWeights(graph::Graph& graph) const { m_impl->program.weights.store(graph); }

} // namespace lathe::runtime
