#include <views/panels/loss_figures.h>

#include <views/models/figure_words.h>

namespace lathe::views {

void addLossParts(std::vector<FigureList::Figure>& figures, const measure::LossParts& parts) {
    measure::LayerFigures layer;
    layer.lossParts = parts;
    for (const history::Figure& figure : history::lossPartFigures()) {
        if (const auto value = history::valueOf(figure, layer))
            figures.push_back({QStringLiteral("– ") % figureName(figure), figureNumberText(figure, *value), {}});
    }
}

} // namespace lathe::views
