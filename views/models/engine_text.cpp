#include <views/models/engine_text.h>

#include <algorithm>

#include <QCoreApplication>

#include <views/models/text.h>

namespace lathe::views {

namespace {

/// Names in a sentence are no sentences, whatever they are called.
QString worded(const base::Message& message) {
    const char* sentence = base::sentenceOf(message.code());
    if (sentence == nullptr) return toQt(message.text());
    const std::string translated = toStd(QCoreApplication::translate("Message", sentence));
    return toQt(base::filled(translated, [&](std::string_view name) {
        const auto& arguments = message.arguments();
        const auto found = std::ranges::find(arguments, name, &base::Message::Argument::name);
        return found == arguments.end() ? std::string() : toStd(worded(found->value));
    }));
}

} // namespace

QString engineText(const base::Message& message) { return worded(message.code().empty() ? base::messageOf(message.text()) : message); }

QString engineText(const base::Error& error) { return engineText(error.sentence()); }

QString engineText(const std::string& sentence) { return engineText(base::Message(sentence)); }

QString engineText(const QString& sentence) { return engineText(toStd(sentence)); }

} // namespace lathe::views
