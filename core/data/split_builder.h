#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <core/data/in_memory_dataset.h>

namespace lathe::data {

/// Collects samples of equal size one by one into the two splits of a data set.
template<class Element>
class SplitBuilder {
public:
    explicit SplitBuilder(tensor::DType dtype) : m_dtype(dtype) {}

    /// `label` -1: the data has no labels; then no sample may have one.
    void add(Split split, std::span<const Element> sample, std::int64_t label) {
        Part& part = m_parts[split == Split::Train ? 0 : 1];
        part.elements.insert(part.elements.end(), sample.begin(), sample.end());
        ++part.count;
        if (label >= 0) part.labels.push_back(label);
    }

    [[nodiscard]] std::size_t bytes() const { return (m_parts[0].elements.size() + m_parts[1].elements.size()) * sizeof(Element); }

    /// Moves what was collected into `content`, as samples of `shape`.
    void finish(const tensor::Shape& shape, DatasetContent& content) {
        for (auto [part, split] : {std::pair(&m_parts[0], &content.train), std::pair(&m_parts[1], &content.test)}) {
            if (part->count == 0) continue;
            tensor::Shape whole = shape;
            whole.insert(whole.begin(), part->count);
            const auto elements = std::make_shared<std::vector<Element>>(std::move(part->elements));
            split->samples =
                tensor::Tensor(m_dtype, std::move(whole), tensor::Storage::adopt(std::as_bytes(std::span(*elements)), elements));
            if (part->labels.empty()) continue;
            const auto labels = std::make_shared<std::vector<std::int64_t>>(std::move(part->labels));
            split->labels =
                tensor::Tensor(tensor::DType::Int64, {part->count}, tensor::Storage::adopt(std::as_bytes(std::span(*labels)), labels));
        }
    }

private:
    struct Part {
        std::vector<Element> elements;
        std::vector<std::int64_t> labels;
        std::int64_t count = 0;
    };
    tensor::DType m_dtype;
    Part m_parts[2];
};

} // namespace lathe::data
