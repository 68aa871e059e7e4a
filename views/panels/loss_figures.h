#pragma once

#include <vector>

#include <core/measure/result.h>
#include <views/widgets/figure_list.h>

namespace lathe::views {

/// Adds what ½‖θ−θ̂‖² is made of, below it; nothing where there is only one part or none.
void addLossParts(std::vector<FigureList::Figure>& figures, const measure::LossParts& parts);

} // namespace lathe::views
