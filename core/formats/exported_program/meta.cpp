#include <core/formats/exported_program/meta.h>

#include <core/formats/exported_program/types.h>

namespace lathe::formats {

using base::Json;

Json sizeJson(const SymbolicSize& size) {
    if (size.expression.empty()) return {{"as_int", size.value}};
    return {{"as_expr", {{"expr_str", size.expression}, {"hint", {{"as_int", size.value}}}}}};
}

Json tensorMeta(tensor::DType dtype, const std::vector<SymbolicSize>& sizes, bool requiresGradient) {
    Json sizesJson = Json::array(), strides = Json::array();
    std::vector<SymbolicSize> steps(sizes.size());
    SymbolicSize step{1, ""};
    for (std::size_t axis = sizes.size(); axis-- > 0;) {
        steps[axis] = step;
        step = combine("Mul", step, sizes[axis]);
    }
    for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
        sizesJson.push_back(sizeJson(sizes[axis]));
        strides.push_back(sizeJson(steps[axis]));
    }
    return {{"dtype", schemaNumber(dtype)},
            {"sizes", std::move(sizesJson)},
            {"requires_grad", requiresGradient},
            {"device", {{"type", "cpu"}, {"index", nullptr}}},
            {"strides", std::move(strides)},
            {"storage_offset", {{"as_int", 0}}},
            {"layout", stridedLayout}};
}

Json tensorMeta(tensor::DType dtype, const tensor::Shape& shape, bool requiresGradient) {
    std::vector<SymbolicSize> sizes;
    for (const std::int64_t size : shape)
        sizes.push_back({size, ""});
    return tensorMeta(dtype, sizes, requiresGradient);
}

} // namespace lathe::formats
