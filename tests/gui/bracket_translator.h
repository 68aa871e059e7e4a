#pragma once

#include <QTranslator>

namespace lathe::views {

/// Puts "[words]" in the place of each translation of one context, so that a test needs no file of translations.
class BracketTranslator : public QTranslator {
public:
    explicit BracketTranslator(const char* context) : m_context(context) {}
    [[nodiscard]] bool isEmpty() const override { return false; }
    [[nodiscard]] QString translate(const char* context, const char* text, const char*, int) const override {
        return qstrcmp(context, m_context) == 0 ? u'[' + QString::fromUtf8(text) + u']' : QString();
    }

private:
    const char* m_context;
};

} // namespace lathe::views
