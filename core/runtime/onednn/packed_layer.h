#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <core/base/result.h>

namespace lathe::runtime {

/// A function of one number that oneDNN computes while it stores a result.
struct Elementwise {
    enum class Kind {
        Relu, ///< max(x, 0) + alpha · min(x, 0)
        Clip, ///< between alpha and beta
        Swish,
        HardSwish,
        Gelu,     ///< by erf
        GeluTanh, ///< by tanh
        Logistic,
        Tanh,
        Elu ///< of this alpha
    };
    Kind kind = Kind::Relu;
    float alpha = 0, beta = 0;
    bool operator==(const Elementwise&) const = default;
};

/// A convolution of images or a linear layer as oneDNN computes it: result = f(scale · (Σ (a − za) · w + bias) + addend).
struct PackedLayerForm {
    bool isConvolution = false;
    std::array<std::int64_t, 2> stride = {1, 1}, padding = {0, 0}, dilation = {1, 1};
    std::int64_t groups = 1;
    std::vector<std::int64_t> weightSizes; ///< (out, in / groups, height, width), or (out, in)

    bool isBfloat16 = false;          ///< the input is bfloat16, and the float32 weights are rounded to it; sums are float32
    bool givesBfloat16 = false;       ///< of such layers: the result is bfloat16 too; else float32
    bool isInt8 = false;              ///< bytes times signed bytes; else float32 throughout
    bool givesBytes = false;          ///< of integer layers: the result is bytes too; else float32
    bool givesSums = false;           ///< of integer layers: the result is Σ a · w as 32-bit integers, and nothing below counts
    std::vector<float> scales;        ///< of integer layers: for each output channel
    std::int32_t inputZeroPoint = 0;  ///< of integer layers
    std::int32_t resultZeroPoint = 0; ///< of bytes
    struct Addend {
        float scale = 1;
        std::int32_t zeroPoint = 0;
    };
    /// What lies in the result's memory before the call is added: scale · (value − zero point).
    std::optional<Addend> addend;
    /// Floats of the result's sizes are added, which run() is given.
    bool addsFloats = false;
    std::optional<Elementwise> function;
    float factor = 1; ///< multiplies the result behind `function`, before it becomes bytes
};

/// One layer with its weights in the order that this CPU likes best. For each size of the input, and each number of threads, oneDNN makes
/// code when it is first met. One call at a time. Source: oneDNN developer guide 2.6, "Primitive Attributes".
class PackedLayer {
public:
    /// `weights` (in the order of weightSizes) have to live as long as the layer, float32 until a run() has succeeded. `bias` is copied;
    /// empty: none; in the units of the result before `function`, as the scales are.
    PackedLayer(PackedLayerForm form, const void* weights, std::span<const float> bias);
    ~PackedLayer();
    PackedLayer(PackedLayer&&) noexcept;
    PackedLayer& operator=(PackedLayer&&) noexcept;

    /// Of convolutions: batch, channels, height and width of the result for an image of batch, channels, height and width. May be 0 or less
    /// where nothing fits.
    [[nodiscard]] std::array<std::int64_t, 4> resultSizes(std::span<const std::int64_t> inputSizes) const;

    /// Images lie with channels last, rows one after the other. `floats` is what addsFloats says. Errors: Unsupported with oneDNN's words.
    [[nodiscard]] base::Result<> run(std::span<const std::int64_t> inputSizes, const void* input, void* result, int threads,
                                     const float* floats = nullptr);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace lathe::runtime
