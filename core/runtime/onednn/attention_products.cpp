#include <core/runtime/onednn/attention_products.h>

#include <algorithm>
#include <list>
#include <string>
#include <utility>
#include <vector>

#include <core/runtime/onednn/engine.h>

namespace lathe::runtime {

namespace {

/// What oneDNN made for one form.
struct Made {
    AttentionForm form;
    int threads = 0;
    dnnl::matmul products, sums;
    dnnl::memory query, key, value, scores, weights, result;
};

Made make(const AttentionForm& form, int threads) {
    const Sizes query{form.batch, form.heads, form.rows, form.features}, key{form.batch, form.heads, form.features, form.keys},
        scores{form.batch, form.heads, form.rows, form.keys}, value{form.batch, form.heads, form.keys, form.valueFeatures},
        result{form.batch, form.heads, form.rows, form.valueFeatures};
    const Type factors = form.isBfloat16 ? Type::bf16 : Type::f32;
    const auto dense = [](const Sizes& sizes, Type type, Tag order = Tag::abcd) { return dnnl::memory::desc(sizes, type, order); };
    const auto scoresAs = dense(scores, Type::f32), queryAs = dense(query, factors),
               keyAs = dense(key, factors, form.isBfloat16 ? Tag::abcd : Tag::abdc), weightsAs = dense(scores, factors),
               valueAs = dense(value, factors), resultAs = dense(result, Type::f32);
    dnnl::primitive_attr scaled;
    if (form.factor != 1) {
        dnnl::post_ops operations;
        operations.append_eltwise(1, dnnl::algorithm::eltwise_linear, form.factor, 0);
        scaled.set_post_ops(operations);
    }
    Made made;
    made.form = form;
    made.threads = threads;
    made.products = dnnl::matmul({{queryAs, keyAs, scoresAs}, scaled, cpu()});
    made.sums = dnnl::matmul({{weightsAs, valueAs, resultAs}, cpu()});
    const auto memory = [](const dnnl::memory::desc& desc) { return dnnl::memory(desc, cpu(), nullptr); };
    made.query = memory(queryAs);
    made.key = memory(keyAs);
    made.value = memory(valueAs);
    made.scores = memory(scoresAs);
    made.weights = memory(weightsAs);
    made.result = memory(resultAs);
    return made;
}

} // namespace

struct AttentionProducts::Impl {
    std::list<Made> made; ///< the latest first

    [[nodiscard]] Made& madeFor(const AttentionForm& form, int threads) {
        constexpr std::size_t most = 8; // sizes of texts differ from call to call
        const auto found = std::ranges::find_if(made, [&](const Made& each) { return each.threads == threads && each.form == form; });
        if (found != made.end()) {
            made.splice(made.begin(), made, found);
            return made.front();
        }
        Made target = make(form, threads);
        if (made.size() == most) made.pop_back();
        return made.emplace_front(std::move(target));
    }

    /// Has `execute` run one of the primitives that were made for the form.
    template<class Execute>
    base::Result<> run(const AttentionForm& form, int threads, const Execute& execute) {
        const Threads asked(threads);
        try {
            execute(madeFor(form, threads));
            stream().wait();
            return {};
        } catch (const dnnl::error& error) {
            return base::failure(base::ErrorCode::Unsupported,
                                 std::string("oneDNN does not compute this attention: ") + error.what() + ".");
        }
    }
};

AttentionProducts::AttentionProducts() : m_impl(std::make_unique<Impl>()) {}
AttentionProducts::~AttentionProducts() = default;
AttentionProducts::AttentionProducts(AttentionProducts&&) noexcept = default;
AttentionProducts& AttentionProducts::operator=(AttentionProducts&&) noexcept = default;

namespace {

/// oneDNN knows no constant memory; what it is given is only read.
void* read(const void* data) { return const_cast<void*>(data); }

} // namespace

base::Result<> AttentionProducts::scores(const AttentionForm& form, const void* query, const void* key, float* scores, int threads) {
    return m_impl->run(form, threads, [&](Made& made) {
        made.query.set_data_handle(read(query));
        made.key.set_data_handle(read(key));
        made.scores.set_data_handle(scores);
        made.products.execute(stream(), {{DNNL_ARG_SRC, made.query}, {DNNL_ARG_WEIGHTS, made.key}, {DNNL_ARG_DST, made.scores}});
    });
}

base::Result<> AttentionProducts::sums(const AttentionForm& form, const void* weights, const void* value, float* result, int threads) {
    return m_impl->run(form, threads, [&](Made& made) {
        made.weights.set_data_handle(read(weights));
        made.value.set_data_handle(read(value));
        made.result.set_data_handle(result);
        made.sums.execute(stream(), {{DNNL_ARG_SRC, made.weights}, {DNNL_ARG_WEIGHTS, made.value}, {DNNL_ARG_DST, made.result}});
    });
}

} // namespace lathe::runtime
