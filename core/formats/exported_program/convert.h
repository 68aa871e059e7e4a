#pragma once

#include <string>
#include <vector>

#include <core/base/json.h>
#include <core/base/result.h>
#include <core/formats/exported_program/weights.h>
#include <core/formats/model_file.h>

namespace lathe::formats {

/// What a program becomes. Node names and names of results are provisional (see nameNodes), and the operators are those of the file.
struct ConvertedProgram {
    graph::Graph graph;
    std::map<std::string, int> calls;                 ///< of each provisional node name: number of the module call that it belongs to
    std::vector<ImportProblem> problems;              ///< what the IR cannot hold
    std::vector<base::Message> notes;                 ///< what is worth knowing: other schema version, ranges of symbolic sizes
    std::vector<std::string> inputNames, outputNames; ///< what callers call them: see signature_names.h
};

/// The problem of a model that keeps something in `buffer` from one run to the next.
[[nodiscard]] ImportProblem changedBuffer(const std::string& buffer);

/// The JSON of an exported program (models/….json; schema major version 8) as our IR: parameters, buffers and constants become weights,
/// operands come in the order of the operators' schemas with defaults filled in, conditions become prim::If. Symbolic sizes keep their
/// expression as text. Inputs in dictionaries and those with keywords are called by their keys; outputs stand in the dictionaries and
/// tuples that callers get. Outputs that only hand back changed buffers or inputs are dropped. Source: torch/_export/serde/schema.py.
/// Errors: Rejected, with the place in the document: another major version, missing weights, undefined names, wrong arguments.
[[nodiscard]] base::Result<ConvertedProgram> convertExportedProgram(const base::Json& program, const ExportedWeights& weights);

} // namespace lathe::formats
