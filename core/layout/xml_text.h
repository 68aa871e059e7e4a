#pragma once

#include <string>
#include <string_view>

namespace lathe::layout {

/// Text from anywhere as character data or attribute value of XML 1.0 and HTML: & < > " ' are escaped; what neither allows (control
/// characters, bytes that are not UTF-8) becomes U+FFFD.
[[nodiscard]] std::string xmlText(std::string_view text);

} // namespace lathe::layout
