#pragma once

#include <filesystem>

#include <core/data/dataset.h>
#include <core/recipe/preprocessing.h>

namespace lathe::data {

/// Opens a table (see csv.h). Every fifth row is for the test, the others for training. Roles of the columns from `preprocessing`:
/// - the label: `label`, or the column called "label", "class" or "target" (whatever the case), or else the last one. Whole numbers from 0
///   are the classes themselves; where there are fractions all are numbers (float32); everything else is numbered in sorted order, and the
///   texts are the class names;
/// - `ignored` columns are left out;
/// - all others are the sample, float32 [columns] (int64 with `integers`). Columns of text are numbered in sorted order.
/// Mean and deviation standardize, one number per column. Errors: Rejected with the line and the column for an empty cell and for a text in
/// a column of numbers; with the nearest name for a column that does not exist.
[[nodiscard]] base::Result<std::shared_ptr<const Dataset>> openCsvDataset(const std::filesystem::path& file,
                                                                          const recipe::Preprocessing& preprocessing);

} // namespace lathe::data
