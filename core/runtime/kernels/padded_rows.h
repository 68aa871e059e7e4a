#pragma once

#include <algorithm>

#include <core/runtime/kernels/item_range.h>
#include <core/runtime/kernels/window.h>

namespace lathe::runtime {

/// An image with channels last that gets a border.
struct PaddedImage {
    std::int64_t height = 0;
    std::int64_t rowNumbers = 0; ///< width times channels
    std::int64_t paddingHeight = 0;
    std::int64_t left = 0; ///< numbers of the border at each side of a row
};

/// Writes some rows of the padded image to `out`, and returns where they end. `copyRow(row, to)` writes a row of the image itself.
template<class Element, class CopyRow>
Element* padRows(const PaddedImage& image, ItemRange rows, Element border, Element* out, const CopyRow& copyRow) {
    for (std::int64_t row = rows.begin - image.paddingHeight; row < rows.end - image.paddingHeight; ++row) {
        if (row < 0 || row >= image.height) {
            out = std::fill_n(out, image.rowNumbers + 2 * image.left, border);
            continue;
        }
        out = std::fill_n(out, image.left, border);
        copyRow(row, out);
        out = std::fill_n(out + image.rowNumbers, image.left, border);
    }
    return out;
}

} // namespace lathe::runtime
