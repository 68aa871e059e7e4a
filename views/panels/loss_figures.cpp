#include <views/panels/loss_figures.h>

#include <QCoreApplication>

#include <views/models/number_text.h>

namespace lathe::views {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(lathe::views::LossFigures)
};

} // namespace

void addLossParts(std::vector<FigureList::Figure>& figures, const measure::LossParts& parts) {
    //: Below the error of weights: the part that the removed ones weighed
    if (parts.pruned) figures.push_back({Words::tr("of it pruned"), figureText(parts.pruned), {}});
    //: Below the error of weights: the part that rounding to integers makes
    if (parts.weights) figures.push_back({Words::tr("of it rounding"), figureText(parts.weights), {}});
}

} // namespace lathe::views
