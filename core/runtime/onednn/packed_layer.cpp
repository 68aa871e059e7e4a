#include <core/runtime/onednn/packed_layer.h>

#include <algorithm>
#include <list>
#include <string>
#include <utility>

#include <core/base/memory.h>
#include <core/runtime/onednn/engine.h>

namespace lathe::runtime {

namespace {

void append(dnnl::post_ops& operations, const Elementwise& function) {
    using dnnl::algorithm;
    const auto add = [&](algorithm kind, float alpha = 0, float beta = 0) { operations.append_eltwise(1, kind, alpha, beta); };
    switch (function.kind) {
    case Elementwise::Kind::Relu:
        return add(algorithm::eltwise_relu, function.alpha);
    case Elementwise::Kind::Clip:
        return add(algorithm::eltwise_clip, function.alpha, function.beta);
    case Elementwise::Kind::Swish:
        return add(algorithm::eltwise_swish, 1);
    case Elementwise::Kind::HardSwish:
        return add(algorithm::eltwise_hardswish);
    case Elementwise::Kind::Gelu:
        return add(algorithm::eltwise_gelu_erf);
    case Elementwise::Kind::GeluTanh:
        return add(algorithm::eltwise_gelu_tanh);
    case Elementwise::Kind::Logistic:
        return add(algorithm::eltwise_logistic);
    case Elementwise::Kind::Tanh:
        return add(algorithm::eltwise_tanh);
    case Elementwise::Kind::Elu:
        return add(algorithm::eltwise_elu, function.alpha);
    }
}

/// `floats`: how those that are added lie.
dnnl::primitive_attr attributesOf(const PackedLayerForm& form, const dnnl::memory::desc& floats) {
    dnnl::primitive_attr attributes;
    if (form.givesSums) return attributes;
    if (form.isInt8) {
        constexpr int channels = 1 << 1; // of results, images and rows alike
        attributes.set_output_scales(form.scales.size() == 1 ? 0 : channels, form.scales);
        if (form.inputZeroPoint != 0) attributes.set_zero_points(DNNL_ARG_SRC, 0, {form.inputZeroPoint});
        if (form.givesBytes && form.resultZeroPoint != 0) attributes.set_zero_points(DNNL_ARG_DST, 0, {form.resultZeroPoint});
    }
    dnnl::post_ops operations;
    if (form.addend) operations.append_sum(form.addend->scale, form.addend->zeroPoint);
    if (form.addsFloats) operations.append_binary(dnnl::algorithm::binary_add, floats);
    if (form.function) append(operations, *form.function);
    if (form.factor != 1) operations.append_eltwise(1, dnnl::algorithm::eltwise_linear, form.factor, 0);
    attributes.set_post_ops(operations);
    return attributes;
}

/// What oneDNN made for one size of the input.
struct Made {
    Sizes inputSizes, resultSizes;
    int threads = 0;
    dnnl::primitive primitive;
    dnnl::memory input, result, floats, bias;
    std::vector<dnnl_exec_arg_t> arguments; ///< as its C interface wants them; that for C++ makes them anew in each call
};

/// Rows that go through as the pixels of one image with a kernel of 1x1. Without AVX-512 oneDNN multiplies matrices by kernels that it
/// makes once (std::call_once), and the function that calls them back is LibTorch's of the same name, which makes those of its own oneDNN:
/// "could not execute a primitive".
bool goesAsImage(const PackedLayerForm& form) {
    if (form.isConvolution || form.isBfloat16) return false;
    const dnnl::cpu_isa isa = dnnl::get_effective_cpu_isa();
    return isa == dnnl::cpu_isa::sse41 || isa == dnnl::cpu_isa::avx || isa == dnnl::cpu_isa::avx2 || isa == dnnl::cpu_isa::avx2_vnni;
}

} // namespace

struct PackedLayer::Impl {
    PackedLayerForm form;
    bool hasRowsAsImage = false; ///< then the form is that of the convolution
    const void* weights = nullptr;
    std::vector<float> bias;
    std::vector<dnnl::memory> packed; ///< in each order that a size of the input asked for
    std::list<Made> made;             ///< the latest first

    [[nodiscard]] Type inputType() const { return form.isInt8 ? Type::u8 : form.isBfloat16 ? Type::bf16 : Type::f32; }
    [[nodiscard]] Type resultType() const {
        if (form.givesSums) return Type::s32;
        return form.givesBytes ? Type::u8 : form.givesBfloat16 ? Type::bf16 : Type::f32;
    }

    /// As they are given; `isPacked`: as oneDNN likes them best.
    [[nodiscard]] dnnl::memory::desc weightsAs(bool isPacked) const {
        const Sizes& sizes = form.weightSizes;
        const Type type = form.isInt8 ? Type::s8 : form.isBfloat16 && isPacked ? Type::bf16 : Type::f32;
        if (!form.isConvolution) return {{sizes[1], sizes[0]}, type, isPacked ? Tag::any : Tag::ba};
        if (form.groups == 1) return {sizes, type, isPacked ? Tag::any : Tag::oihw};
        return {{form.groups, sizes[0] / form.groups, sizes[1], sizes[2], sizes[3]}, type, isPacked ? Tag::any : Tag::goihw};
    }
    [[nodiscard]] dnnl::memory::desc biasAs() const {
        const auto channels = static_cast<std::int64_t>(bias.size());
        if (form.isConvolution) return {{channels}, Type::f32, Tag::a};
        return {{1, channels}, Type::f32, Tag::ab};
    }

    [[nodiscard]] dnnl::memory::desc floatsAs(const Made& target) const {
        return {target.resultSizes, Type::f32, form.isConvolution ? Tag::nhwc : Tag::ab};
    }

    /// The weights in this order; oneDNN may want another for other sizes of the input. Floats are packed again from what is packed.
    [[nodiscard]] const dnnl::memory& packedAs(const dnnl::memory::desc& wanted) {
        const auto found = std::ranges::find_if(packed, [&](const dnnl::memory& each) { return each.get_desc() == wanted; });
        if (found != packed.end()) return *found;
        const bool isFirst = packed.empty() || form.isInt8;
        dnnl::memory from = isFirst ? dnnl::memory(weightsAs(false), cpu(), const_cast<void*>(weights)) // oneDNN only reads it
                                    : packed.front();
        dnnl::memory to(wanted, cpu());
        dnnl::reorder(from, to).execute(stream(), from, to);
        stream().wait();
        if (isFirst) base::letGo({static_cast<const std::byte*>(weights), weightsAs(false).get_size()});
        return packed.emplace_back(std::move(to));
    }

    template<class Primitive>
    void finish(Made& target, const typename Primitive::primitive_desc& description) {
        target.primitive = Primitive(description);
        target.input = dnnl::memory(description.src_desc(), cpu(), nullptr);
        target.result = dnnl::memory(description.dst_desc(), cpu(), nullptr);
        target.arguments = {{DNNL_ARG_SRC, target.input.get()},
                            {DNNL_ARG_WEIGHTS, packedAs(description.weights_desc()).get()},
                            {DNNL_ARG_DST, target.result.get()}};
        if (form.addsFloats) {
            target.floats = dnnl::memory(floatsAs(target), cpu(), nullptr);
            target.arguments.push_back({DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1, target.floats.get()});
        }
        if (bias.empty()) return;
        target.bias = dnnl::memory(biasAs(), cpu(), bias.data());
        target.arguments.push_back({DNNL_ARG_BIAS, target.bias.get()});
    }

    void make(Made& target) {
        const dnnl::primitive_attr attributes = attributesOf(form, floatsAs(target));
        const Sizes& resultSizes = target.resultSizes;
        if (form.isConvolution) {
            const dnnl::memory::desc input(target.inputSizes, inputType(), Tag::nhwc), result(resultSizes, resultType(), Tag::nhwc);
            const auto both = [](const std::array<std::int64_t, 2>& pair, std::int64_t less = 0) {
                return Sizes{pair[0] - less, pair[1] - less};
            };
            using Convolution = dnnl::convolution_forward;
            const Sizes stride = both(form.stride), padding = both(form.padding), dilation = both(form.dilation, 1);
            constexpr auto kind = dnnl::prop_kind::forward_inference;
            constexpr auto algorithm = dnnl::algorithm::convolution_direct;
            const auto description =
                bias.empty()
                    ? Convolution::desc(kind, algorithm, input, weightsAs(true), result, stride, dilation, padding, padding)
                    : Convolution::desc(kind, algorithm, input, weightsAs(true), biasAs(), result, stride, dilation, padding, padding);
            finish<Convolution>(target, {description, attributes, cpu()});
            return;
        }
        using Multiplication = dnnl::matmul;
        const dnnl::memory::desc input(target.inputSizes, inputType(), Tag::ab), result(resultSizes, resultType(), Tag::ab);
        const auto description = bias.empty() ? Multiplication::desc(input, weightsAs(true), result)
                                              : Multiplication::desc(input, weightsAs(true), biasAs(), result);
        finish<Multiplication>(target, {description, attributes, cpu()});
    }

    /// Moves what was made for these sizes to the front.
    [[nodiscard]] Made& madeFor(std::span<const std::int64_t> inputSizes, int threads, const PackedLayer& layer) {
        constexpr std::size_t most = 8; // sizes of texts differ from call to call
        const auto found = std::ranges::find_if(
            made, [&](const Made& each) { return each.threads == threads && std::ranges::equal(each.inputSizes, inputSizes); });
        if (found != made.end()) {
            made.splice(made.begin(), made, found);
            return made.front();
        }
        Made target;
        target.inputSizes.assign(inputSizes.begin(), inputSizes.end());
        target.threads = threads;
        if (form.isConvolution) {
            const auto sizes = layer.resultSizes(inputSizes);
            target.resultSizes.assign(sizes.begin(), sizes.end());
        } else {
            target.resultSizes = {inputSizes[0], form.weightSizes[0]};
        }
        make(target);
        if (made.size() == most) made.pop_back();
        return made.emplace_front(std::move(target));
    }
};

PackedLayer::PackedLayer(PackedLayerForm form, const void* weights, std::span<const float> bias) : m_impl(std::make_unique<Impl>()) {
    m_impl->bias.assign(bias.begin(), bias.end());
    // oneDNN adds it before it scales.
    for (std::size_t channel = 0; form.isInt8 && channel < m_impl->bias.size(); ++channel)
        m_impl->bias[channel] /= form.scales[form.scales.size() == 1 ? 0 : channel];
    m_impl->weights = weights;
    m_impl->hasRowsAsImage = goesAsImage(form);
    m_impl->form = std::move(form);
    if (!m_impl->hasRowsAsImage) return;
    m_impl->form.isConvolution = true;
    m_impl->form.weightSizes.insert(m_impl->form.weightSizes.end(), {1, 1});
}

PackedLayer::~PackedLayer() = default;
PackedLayer::PackedLayer(PackedLayer&&) noexcept = default;
PackedLayer& PackedLayer::operator=(PackedLayer&&) noexcept = default;

std::array<std::int64_t, 4> PackedLayer::resultSizes(std::span<const std::int64_t> inputSizes) const {
    const PackedLayerForm& form = m_impl->form;
    const auto along = [&](std::size_t axis) {
        const std::int64_t window = form.dilation[axis] * (form.weightSizes[axis + 2] - 1) + 1;
        const std::int64_t steps = inputSizes[axis + 2] + 2 * form.padding[axis] - window;
        return steps < 0 ? 0 : steps / form.stride[axis] + 1;
    };
    return {inputSizes[0], form.weightSizes[0], along(0), along(1)};
}

base::Result<> PackedLayer::run(std::span<const std::int64_t> inputSizes, const void* input, void* result, int threads,
                                const float* floats) {
    const Threads asked(threads);
    const std::array<std::int64_t, 4> image{1, inputSizes[1], 1, inputSizes[0]};
    try {
        Made& made = m_impl->madeFor(m_impl->hasRowsAsImage ? std::span<const std::int64_t>(image) : inputSizes, threads, *this);
        made.input.set_data_handle(const_cast<void*>(input)); // only read
        made.result.set_data_handle(result);
        if (m_impl->form.addsFloats) made.floats.set_data_handle(const_cast<float*>(floats));
        dnnl::error::wrap_c_api(
            dnnl_primitive_execute(made.primitive.get(), stream().get(), static_cast<int>(made.arguments.size()), made.arguments.data()),
            "could not execute a primitive");
        stream().wait();
        return {};
    } catch (const dnnl::error& error) {
        return base::failure(base::ErrorCode::Unsupported, std::string("oneDNN does not compute this layer: ") + error.what() + ".");
    }
}

} // namespace lathe::runtime
