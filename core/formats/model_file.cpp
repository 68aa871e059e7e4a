#include <core/formats/model_file.h>

#include <core/base/files.h>
#include <core/formats/content_kind.h>
#include <core/formats/format_table.h>
#include <core/formats/import_report.h>
#include <core/formats/long_names.h>
#include <core/formats/plain_inputs.h>

namespace lathe::formats {

base::Result<OpenedModel> openModel(const std::filesystem::path& file) { return openModel(file, {}); }

base::Result<OpenedModel> openModel(const std::filesystem::path& file, std::span<const std::string> given) {
    const auto content = detectContent(file);
    if (!content) return base::forward(content);
    if (content->format == nullptr) return tl::unexpected(refusal(content->kind, file));

    auto hash = base::sha256OfFile(file);
    if (!hash) return base::forward(hash);
    auto model = content->format->read(file, given);
    if (!model) return base::forward(model);
    const std::vector<base::Message> plain = makeInputsPlain(model->graph);
    model->notes.insert(model->notes.end(), plain.begin(), plain.end());
    const std::size_t cutNames = shortenNames(model->graph);
    for (ImportProblem& problem : model->problems) {
        for (std::string* text : {&problem.op, &problem.scope, &problem.source, &problem.reason})
            *text = shortened(*text);
    }
    OpenedModel opened;
    opened.report = makeReport(model->graph, std::string(content->format->id), std::move(model->problems));
    opened.report.keepsState = model->keepsState;
    opened.graph = std::move(model->graph);
    opened.report.notes.insert(opened.report.notes.end(), model->notes.begin(), model->notes.end());
    opened.fileBytes = model->externalBytes;
    // A model whose weights lie beside its file is another one when they change.
    if (!model->externalSha256.empty()) *hash = base::sha256(*hash + model->externalSha256);
    if (cutNames > 0) {
        const char* code = cutNames == 1 ? "file.nameIsCut" : "file.namesAreCut";
        opened.report.notes.push_back(base::Message(code, {{"names", cutNames}, {"bytes", longestName}}));
    }
    opened.sha256 = std::move(*hash);
    std::error_code error;
    opened.fileBytes += static_cast<std::int64_t>(std::filesystem::file_size(file, error));
    if (error) return base::failure(base::ErrorCode::NotFound, {"file.isGone", {{"file", file.string()}}});
    return opened;
}

} // namespace lathe::formats
