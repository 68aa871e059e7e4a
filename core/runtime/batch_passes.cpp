#include <core/runtime/batch_passes_torch.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>

#include <ATen/ops/empty.h>

#include <core/runtime/device.h>

namespace lathe::runtime {

namespace {

/// Texts have other lengths from call to call: not each is tried.
constexpr std::size_t mostSizes = 8;

bool isOfSizes(std::span<const std::int64_t> sizes, std::span<const c10::IValue> inputs) {
    std::size_t at = 0;
    for (const c10::IValue& input : inputs) {
        for (const std::int64_t size : input.toTensor().sizes().slice(1))
            if (at == sizes.size() || sizes[at++] != size) return false;
    }
    return at == sizes.size();
}

/// Where what passes give is put together.
struct Place {
    std::int64_t begin = 0, samples = 0; ///< of the pass
    std::int64_t count = 0;              ///< of the call
};

/// Writes what a pass gave into what the call gives, which is made with the first.
bool join(c10::IValue& whole, const c10::IValue& part, const Place& place) {
    if (part.isTensor()) {
        if (place.begin > 0 && !whole.isTensor()) return false;
        const at::Tensor& from = part.toTensor();
        if (!from.defined() || from.is_quantized() || from.dim() == 0 || from.size(0) % place.samples != 0) return false;
        const std::int64_t perSample = from.size(0) / place.samples;
        if (place.begin == 0) {
            std::vector<std::int64_t> sizes = from.sizes().vec();
            sizes[0] = perSample * place.count;
            whole = at::empty(sizes, from.options().memory_format(from.suggest_memory_format()));
        }
        const at::Tensor& joined = whole.toTensor();
        if (joined.dim() != from.dim() || joined.size(0) != perSample * place.count || joined.sizes().slice(1) != from.sizes().slice(1))
            return false;
        joined.narrow(0, perSample * place.begin, from.size(0)).copy_(from);
        return true;
    }
    if (!part.isTuple()) return false;
    const auto elements = part.toTupleRef().elements();
    std::vector<c10::IValue> joined(elements.size());
    if (place.begin > 0 && (!whole.isTuple() || whole.toTupleRef().elements().size() != elements.size())) return false;
    if (place.begin > 0) joined.assign(whole.toTupleRef().elements().begin(), whole.toTupleRef().elements().end());
    for (std::size_t index = 0; index < elements.size(); ++index)
        if (!join(joined[index], elements[index], place)) return false;
    whole = c10::ivalue::Tuple::create(std::move(joined));
    return true;
}

} // namespace

std::optional<std::int64_t> sampleCount(std::span<const c10::IValue> inputs) {
    std::optional<std::int64_t> count;
    for (const c10::IValue& input : inputs) {
        if (!input.isTensor() || !input.toTensor().defined() || input.toTensor().dim() == 0) return std::nullopt;
        const std::int64_t size = input.toTensor().size(0);
        if (count && *count != size) return std::nullopt;
        count = size;
    }
    return count;
}

std::vector<c10::IValue> samplesOf(std::span<const c10::IValue> inputs, std::int64_t begin, std::int64_t count) {
    std::vector<c10::IValue> part;
    part.reserve(inputs.size());
    for (const c10::IValue& input : inputs)
        part.emplace_back(input.toTensor().narrow(0, begin, count));
    return part;
}

KernelTimes timePasses(std::int64_t count, const std::function<std::optional<double>(std::int64_t samples)>& timeOf) {
    constexpr double clearlySlower = 1.1;
    KernelTimes times;
    double best = 0;
    int slower = 0; // in a row
    for (std::int64_t samples = 1; slower < 2; samples = std::min(2 * samples, count)) {
        const auto microseconds = timeOf(samples);
        if (!microseconds) break;
        const double perSample = *microseconds / static_cast<double>(samples);
        times[std::to_string(samples)] = perSample;
        if (best == 0 || perSample < best) best = perSample;
        slower = perSample > clearlySlower * best ? slower + 1 : 0;
        if (samples == count) break;
    }
    return times;
}

std::int64_t bestPass(const KernelTimes& microsecondsPerSample, std::int64_t count) {
    if (microsecondsPerSample.empty()) return count;
    constexpr double asGood = 1.03;
    const double best = std::ranges::min_element(microsecondsPerSample, {}, &KernelTimes::value_type::second)->second;
    std::int64_t largest = 0;
    for (const auto& [samples, microseconds] : microsecondsPerSample)
        if (microseconds <= asGood * best) largest = std::max<std::int64_t>(largest, std::atoll(samples.c_str()));
    return largest > 0 ? std::min(largest, count) : count;
}

const BatchPasses::Known* BatchPasses::known(std::span<const c10::IValue> inputs) const {
    const auto found = std::ranges::find_if(
        m_known, [&, threads = runtime::threads()](const Known& each) { return each.threads == threads && isOfSizes(each.sizes, inputs); });
    return found == m_known.end() ? nullptr : &*found;
}

std::optional<std::int64_t> BatchPasses::knownSamplesFor(std::span<const c10::IValue> inputs) const {
    const auto count = sampleCount(inputs);
    const Known* const before = count ? known(inputs) : nullptr;
    return before != nullptr ? before->samplesFor(*count) : std::nullopt;
}

std::optional<std::int64_t> BatchPasses::samplesFor(std::span<const c10::IValue> inputs, const Run& run) {
    const std::int64_t count = sampleCount(inputs).value_or(1);
    if (count < 2) return std::nullopt;
    const Known* const before = known(inputs);
    if (before != nullptr && before->tells(count)) return before->samplesFor(count);
    if (before == nullptr && m_known.size() == mostSizes) return std::nullopt;
    Known now{{}, runtime::threads(), count, found(inputs, count, run)};
    for (const c10::IValue& input : inputs)
        for (const std::int64_t size : input.toTensor().sizes().slice(1))
            now.sizes.push_back(size);
    std::erase_if(m_known, [&](const Known& each) { return each.threads == now.threads && each.sizes == now.sizes; });
    m_known.push_back(std::move(now));
    return m_known.back().samplesFor(count);
}

std::int64_t BatchPasses::found(std::span<const c10::IValue> inputs, std::int64_t count, const Run& run) const {
    KernelChoices choices(KernelChoices::usualSource(runtime::threads()));
    std::string form = "passes of " + m_form;
    for (const c10::IValue& input : inputs) {
        form += " ";
        for (const std::int64_t size : input.toTensor().sizes())
            form += std::to_string(size) + "x";
        form.pop_back();
    }
    if (const KernelTimes* times = choices.find(form)) return bestPass(*times, count);
    if (!choices.measures()) return count;

    constexpr double enough = 5'000, most = 3'000'000; // microseconds
    constexpr int fewest = 2, mostCalls = 20;          // beside the first, which makes the plan of its memory
    double spent = 0, perSample = 0;
    bool hasFailed = false;
    const auto timeOf = [&](std::int64_t samples) -> std::optional<double> {
        if (spent + (fewest + 1) * perSample * static_cast<double>(samples) > most) return std::nullopt;
        std::vector<c10::IValue> outputs;
        double least = 0, ofThese = 0;
        for (int call = 0; call <= mostCalls && (call <= fewest || ofThese < enough); ++call) {
            // Others each time, as in a whole call: they are not in the cache.
            const std::vector<c10::IValue> part = samplesOf(inputs, call * samples % (count - samples + 1), samples);
            const auto begin = std::chrono::steady_clock::now();
            hasFailed = hasFailed || !run(part, outputs);
            if (hasFailed) return std::nullopt;
            const double taken = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
            ofThese += taken;
            if (call > 0 && (least == 0 || taken < least)) least = taken;
        }
        spent += ofThese;
        perSample = least / static_cast<double>(samples);
        return least;
    };
    const KernelTimes times = timePasses(count, timeOf);
    if (hasFailed) return count;
    choices.set(form, times);
    choices.save();
    return bestPass(times, count);
}

bool BatchPasses::run(std::span<const c10::IValue> inputs, std::int64_t samples, const Run& pass, std::vector<c10::IValue>& outputs) {
    const std::int64_t count = sampleCount(inputs).value_or(0);
    std::vector<c10::IValue> joined, ofPass;
    for (std::int64_t begin = 0; begin < count; begin += samples) {
        const Place place{begin, std::min(samples, count - begin), count};
        if (!pass(samplesOf(inputs, begin, place.samples), ofPass)) return false;
        if (begin == 0) joined.resize(ofPass.size());
        if (joined.size() != ofPass.size()) return false;
        for (std::size_t index = 0; index < ofPass.size(); ++index)
            if (!join(joined[index], ofPass[index], place)) return false;
        ofPass.clear();
    }
    outputs = std::move(joined);
    return true;
}

} // namespace lathe::runtime
