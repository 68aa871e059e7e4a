#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/ivalue.h>

#include <core/base/job.h>
#include <core/graph/graph.h>
#include <core/runtime/device.h>

namespace lathe::runtime {

enum class QuantizationMode {
    Real,     ///< QDQ is lowered to integer kernels; what has none stays simulated and says so
    Simulated ///< every quantize and dequantize node runs as float arithmetic
};

struct PlanOptions {
    Device device;
    QuantizationMode quantization = QuantizationMode::Real;
    bool training = false; ///< weights that are parameters require gradients; no lowering, no in-place, no prepacking
    /// "lathe", "fbgemm", …, or the id of one kernel: what comes first where it is for a layer; empty: what costs least.
    std::string library = {};
    /// Where several kernels compute a layer and it is not known which is the fastest, they are timed (kernels/time_kernels_torch.h). Such
    /// kernels may round differently in the last bits; plans that leave this out give the same bits wherever they run.
    /// Calls of many samples are done in passes of as many as are fastest together.
    bool choosesByTime = false;
};

/// What one instruction of a plan is, for "which kernel ran, and why".
struct InstructionInfo {
    std::string node;                ///< name of the node that it computes; for a lowered group the conv/linear
    std::string op;                  ///< the node's operator
    std::string kernel;              ///< "fbgemm int8 conv2d+relu", "ATen conv2d", …
    bool isReal = true;              ///< false: arithmetic that only simulates quantization
    std::vector<std::string> covers; ///< all nodes that it stands for, itself included
    std::string reason;              ///< why this kernel ("no int8 kernel for aten::sigmoid: runs in float"); may be empty
};

/// A graph compiled for one device: a flat list of bound instructions. Not thread-safe: one run at a time.
class Plan {
public:
    /// Errors: Unsupported naming the first operator without kernel with its node and source line; DeviceUnavailable; Rejected.
    [[nodiscard]] static base::Result<Plan> compile(const graph::Graph& graph, const PlanOptions& options);
    Plan(Plan&&) noexcept;
    Plan& operator=(Plan&&) noexcept;
    ~Plan();

    /// Runs on the graph's inputs, in order. Inputs must be on the plan's device. Returns the outputs: inference tensors unless the plan is
    /// for training (clone() them to use them under autograd). Errors name the node ("conv2: …").
    [[nodiscard]] base::Result<std::vector<c10::IValue>> run(std::span<const c10::IValue> inputs);
    /// The common case: tensors in, first output out. Outputs that are tuples or lists of one tensor are unwrapped.
    [[nodiscard]] base::Result<at::Tensor> runTensor(std::span<const c10::IValue> inputs);
    [[nodiscard]] base::Result<at::Tensor> runTensor(const at::Tensor& input);

    /// Like run, and calls `observe` with every tensor value right after it was computed (inputs first). In Simulated mode or for float
    /// graphs all values of the graph are seen; lowered groups only show their last value.
    using Observer = std::function<void(graph::ValueId, const at::Tensor&)>;
    [[nodiscard]] base::Result<std::vector<c10::IValue>> runObserved(std::span<const c10::IValue> inputs, const Observer& observe);

    /// Runs once and returns microseconds per instruction (same order as instructions()); on CUDA by events.
    [[nodiscard]] base::Result<std::vector<double>> runTimed(std::span<const c10::IValue> inputs);

    [[nodiscard]] const std::vector<InstructionInfo>& instructions() const;

    /// With how many samples at a time calls with such inputs go through the instructions, as earlier calls have found; nothing: with all.
    /// Only of plans that choose by time, and whose samples do not depend on one another (graph::isBatchSeparable).
    [[nodiscard]] std::optional<std::int64_t> samplesPerPass(std::span<const c10::IValue> inputs) const;

    /// Training: parameters by weight name, for an optimizer. Leaf tensors that require gradients.
    [[nodiscard]] std::map<std::string, at::Tensor> parameters() const;
    /// Copies the current parameters and buffers back into a graph of the same weight names.
    void storeWeights(graph::Graph& graph) const;

private:
    struct Impl;
    explicit Plan(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// Conversions between our tensors and ATen's. toAten shares the bytes (read-only by convention); fromAten copies to the CPU when needed.
[[nodiscard]] at::Tensor toAten(const tensor::Tensor& tensor);
[[nodiscard]] tensor::Tensor fromAten(const at::Tensor& tensor);
/// A batch of data as the inputs of a plan on that device.
[[nodiscard]] std::vector<c10::IValue> toInputs(std::span<const tensor::Tensor> batch, const Device& device);
[[nodiscard]] at::ScalarType scalarType(tensor::DType dtype);
/// The element type of a tensor's bytes (quint8 gives UInt8); nothing for types that Lathe has not (complex, sparse).
[[nodiscard]] std::optional<tensor::DType> dtypeOf(at::ScalarType type);
[[nodiscard]] at::Device torchDevice(const Device& device);

/// Runs the graph once on `inputs` and writes dtype and shape into every tensor value of it.
[[nodiscard]] base::Result<> annotateShapes(graph::Graph& graph, std::span<const c10::IValue> inputs);

/// Evaluates one node on constant inputs: what transform/clean's constant folding needs.
[[nodiscard]] base::Result<std::vector<tensor::Tensor>> evaluate(const graph::Graph& graph, const graph::Node& node);

} // namespace lathe::runtime
