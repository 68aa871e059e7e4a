#include <core/base/unique_names.h>

namespace lathe::base {

std::string UniqueNames::take(const std::string& wanted) {
    if (m_taken.insert(wanted).second) return wanted;
    int& number = m_lastNumber[wanted];
    for (;;) {
        std::string name = wanted + "_" + std::to_string(++number);
        if (m_taken.insert(name).second) return name;
    }
}

} // namespace lathe::base
