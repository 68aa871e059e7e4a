#include <core/formats/model_file.h>

#include <core/base/files.h>
#include <core/formats/content_kind.h>
#include <core/formats/exported_program/reader.h>
#include <core/formats/import_report.h>
#include <core/formats/long_names.h>
#include <core/formats/onnx/reader.h>
#include <core/formats/torchscript/reader.h>

namespace lathe::formats {

base::Result<OpenedModel> openModel(const std::filesystem::path& file) {
    const auto kind = detectContent(file);
    if (!kind) return base::forward(kind);
    if (*kind != ContentKind::TorchScript && *kind != ContentKind::ExportedProgram && *kind != ContentKind::Onnx)
        return tl::unexpected(refusal(*kind, file));

    auto hash = base::sha256OfFile(file);
    if (!hash) return base::forward(hash);
    OpenedModel opened;
    std::size_t cutNames = 0;
    const auto take = [&](auto& model, const char* format) {
        cutNames = shortenNames(model->graph);
        for (ImportProblem& problem : model->problems) {
            for (std::string* text : {&problem.op, &problem.scope, &problem.source, &problem.reason})
                *text = shortened(*text);
        }
        opened.report = makeReport(model->graph, format, std::move(model->problems));
        opened.graph = std::move(model->graph);
    };
    if (*kind == ContentKind::ExportedProgram) {
        auto model = readExportedProgram(file);
        if (!model) return base::forward(model);
        take(model, "pt2");
        opened.report.notes.insert(opened.report.notes.end(), model->notes.begin(), model->notes.end());
    } else if (*kind == ContentKind::Onnx) {
        auto model = readOnnx(file);
        if (!model) return base::forward(model);
        take(model, "onnx");
        opened.fileBytes = model->externalBytes;
        // A model whose weights lie beside its file is another one when they change.
        if (!model->externalSha256.empty()) *hash = base::sha256(*hash + model->externalSha256);
    } else {
        auto model = readTorchScript(file);
        if (!model) return base::forward(model);
        take(model, "torchscript");
    }
    if (cutNames > 0) {
        opened.report.notes.push_back(std::to_string(cutNames) + (cutNames == 1 ? " name has" : " names have") + " more than " +
                                      std::to_string(longestName) + " bytes and " + (cutNames == 1 ? "is" : "are") +
                                      " cut; the numbers behind them keep them apart.");
    }
    opened.sha256 = std::move(*hash);
    std::error_code error;
    opened.fileBytes += static_cast<std::int64_t>(std::filesystem::file_size(file, error));
    if (error) return base::failure(base::ErrorCode::NotFound, "\"" + file.string() + "\" is gone.");
    return opened;
}

} // namespace lathe::formats
