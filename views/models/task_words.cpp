#include <views/models/task_words.h>

#include <map>

#include <QCoreApplication>

#include <views/models/text.h>

namespace lathe::views {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(Task)
};

} // namespace

QString taskWords(const std::string& task) {
    const std::map<std::string, QString> words{{"outputs", Words::tr("no labels")},  {"classification", Words::tr("classes")},
                                               {"binary", Words::tr("yes or no")},   {"multilabel", Words::tr("several labels")},
                                               {"regression", Words::tr("numbers")}, {"segmentation", Words::tr("pixels")},
                                               {"tokens", Words::tr("tokens")},      {"similarity", Words::tr("pairs of embeddings")}};
    const auto found = words.find(task);
    return found == words.end() ? toQt(task) : found->second;
}

} // namespace lathe::views
