#pragma once

#include <string_view>
#include <vector>

namespace lathe::base {

/// A format that models are opened from and exported to: what people see of it. How it is told, read, written and judged is the row of the
/// same id in core/formats/format_table.cpp. The texts are English; views translate them by the context "ModelFormat".
struct ModelFormat {
    std::string_view id;                   ///< in documents, the protocol and `--to`: "pt2"
    std::vector<std::string_view> endings; ///< of files, with their dot; the first is that of what is written
    const char* name;                      ///< in a sentence: "torch.export (.pt2)"
    const char* menu;                      ///< the entry of the menu of exports; & marks its key
    const char* title;                     ///< in the list of the dialog
    const char* purpose;                   ///< a sentence: what it holds and for whom
};

/// In the order of menus and help; the first is what is exported to when nothing else is asked for. Lives as long as the process.
[[nodiscard]] const std::vector<ModelFormat>& modelFormats();

/// Null: there is none of that id.
[[nodiscard]] const ModelFormat* findModelFormat(std::string_view id);

} // namespace lathe::base
