// Fourier transforms. ONNX has complex numbers as a last dimension of two.
#include <array>

#include <core/formats/onnx/operators.h>

namespace lathe::formats::onnx {

namespace {

void fourier(Call& call) {
    const ValueId x = call.input(0);
    const std::int64_t rank = call.needRank(x);
    const std::int64_t parts = rank < 2 ? 0 : call.value(x).shape->back().size;
    if (parts != 1 && parts != 2) call.refuse("DFT needs an input whose last dimension is known to be 1 or 2.");
    const bool isInverse = call.integerAttribute("inverse", 0) != 0, isOneSided = call.integerAttribute("onesided", 0) != 0;
    // The axis is an input since opset 20; it counts the dimension of the two parts.
    Operand axis = call.opset() < 20 ? integer(call.integerAttribute("axis", 1)) : call.has(2) ? call.numbers(2).at(0) : integer(-2);
    if (const auto literal = axis.literal<std::int64_t>())
        axis = integer(call.axisOf(*literal, x));
    else
        axis = call.emitScalar("aten::remainder.int", {axis, integer(rank)}, graph::TypeKind::Int);
    const Operand length = call.has(1) ? call.numbers(1).at(0) : none();
    const Known real{call.dtype(x), unknownDims(static_cast<std::size_t>(rank) - 1)}, complex{std::nullopt, real.shape};
    const auto part = [&](std::int64_t index) { return call.emit("aten::select.int", {x, integer(-1), integer(index)}, real); };
    const bool isReal = parts == 1;
    const ValueId signal = isReal ? part(0) : call.emit("aten::complex", {part(0), part(1)}, complex);
    const Known result{call.dtype(x), unknownDims(static_cast<std::size_t>(rank))};
    if (isInverse && isOneSided) {
        const ValueId back = call.emit("aten::fft_irfft", {signal, length, axis, none()}, real);
        return call.output(0, call.emit("aten::unsqueeze", {back, integer(-1)}, result));
    }
    if (isOneSided && !isReal) call.refuse("DFT has one side for real signals only.");
    const char* op = isInverse ? "aten::fft_ifft" : isOneSided ? "aten::fft_rfft" : "aten::fft_fft";
    call.output(0, call.emit("aten::view_as_real", {call.emit(op, {signal, length, axis, none()}, complex)}, result));
}

/// Frames of the signal, each times the window, transformed: [batch, length, 1 or 2] to [batch, frames, bins, 2].
void shortTimeFourier(Call& call) {
    const ValueId x = call.input(0);
    const auto& shape = call.value(x).shape;
    const std::int64_t parts = shape && shape->size() == 3 ? shape->back().size : -1;
    if (parts != 1 && parts != 2) call.refuse("STFT needs a signal whose last dimension is known to be 1 or 2.");
    const bool isReal = parts == 1, isOneSided = call.integerAttribute("onesided", 1) != 0;
    if (isOneSided && !isReal) call.refuse("STFT has one side for real signals only.");
    if (!call.has(2) && !call.has(3)) call.refuse("STFT needs a window or the length of a frame.");
    const Operand step = call.numbers(1).at(0), length = call.has(3) ? call.numbers(3).at(0) : call.size(call.input(2), 0);
    const auto frames = [&](std::int64_t index) {
        const ValueId part = call.emit("aten::select.int", {x, integer(-1), integer(index)}, {call.dtype(x), unknownDims(2)});
        const Known known{call.dtype(x), unknownDims(3)};
        const ValueId cut = call.emit("aten::unfold", {part, integer(1), length, step}, known);
        return call.has(2) ? call.emit("aten::mul.Tensor", {cut, call.input(2)}, known) : cut;
    };
    const Known complex{std::nullopt, unknownDims(3)};
    const ValueId signal = isReal ? frames(0) : call.emit("aten::complex", {frames(0), frames(1)}, complex);
    const char* op = isOneSided ? "aten::fft_rfft" : "aten::fft_fft";
    const ValueId bins = call.emit(op, {signal, none(), integer(-1), none()}, complex);
    call.output(0, call.emit("aten::view_as_real", {bins}, {call.dtype(x), unknownDims(4)}));
}

constexpr std::array entries{
    OperatorEntry{"DFT", fourier},
    OperatorEntry{"STFT", shortTimeFourier},
};

} // namespace

std::span<const OperatorEntry> signalOperators() { return entries; }

} // namespace lathe::formats::onnx
