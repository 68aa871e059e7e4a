#include <views/models/engine_text.h>

#include <algorithm>

#include <QCoreApplication>

#include <views/models/text.h>

namespace lathe::views {

QString engineText(const base::Message& message) {
    const char* sentence = base::sentenceOf(message.code());
    if (sentence == nullptr) return toQt(message.text());
    const std::string translated = toStd(QCoreApplication::translate("Message", sentence));
    return toQt(base::filled(translated, [&](std::string_view name) {
        const auto& arguments = message.arguments();
        const auto found = std::ranges::find(arguments, name, &base::Message::Argument::name);
        return found == arguments.end() ? std::string() : toStd(engineText(found->value));
    }));
}

QString engineText(const std::string& sentence) { return engineText(base::messageOf(sentence)); }

QString engineText(const QString& sentence) { return engineText(toStd(sentence)); }

} // namespace lathe::views
