#include <filesystem>
#include <iostream>
#include <memory>

#include <app/cli/command.h>
#include <app/cli/output.h>
#include <core/base/files.h>
#include <core/engine/open_model.h>
#include <core/layout/drawing.h>

namespace lathe::cli {

namespace {

struct Options {
    std::string model, output;
};

base::Result<> layOut(const Options& options, const base::Job& job) {
    const auto read = engine::openModel({.file = options.model}, job);
    if (!read) return forward(read);
    const layout::Drawing drawing = layout::drawing(read->model.graph);
    const auto placement = layout::place(drawing, layout::estimatedSizes(drawing), job.stop);
    if (!placement) return forward(placement);
    if (options.output.empty()) {
        printJson(layout::toJson(drawing, *placement));
        return {};
    }
    const std::string extension = std::filesystem::path(options.output).extension();
    if (extension == ".svg") return base::writeFile(options.output, layout::toSvg(drawing, *placement));
    if (extension == ".json") return base::writeFile(options.output, layout::toJson(drawing, *placement).dump(1) + "\n");
    return base::failure(base::ErrorCode::InvalidArgument, "The output file must end in .svg or .json, not \"" + extension + "\".");
}

} // namespace

void addLayoutCommand(const Command& app, Action& chosen) {
    const auto options = std::make_shared<Options>();
    const Command command = app.command("layout", "Draw the graph of a model");
    command.option("model", options->model, "Model file").required();
    command.option("-o,--output", options->output, "Picture (.svg) or positions (.json); none: positions on standard output");
    command.whenChosen([options, &chosen] { chosen = [options](const base::Job& job) { return layOut(*options, job); }; });
}

} // namespace lathe::cli
