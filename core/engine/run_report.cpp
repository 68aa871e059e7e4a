#include <core/engine/run_report.h>

#include <core/base/files.h>
#include <core/report/html_report.h>

namespace lathe::engine {

base::Result<client::ExportReply> writeReport(const measure::RunDocument& document, const std::filesystem::path& file) {
    const std::string html = report::htmlReport(report::rowsOf(document));
    if (const auto written = base::writeFile(file, html); !written) return forward(written);
    client::ExportReply reply;
    reply.file = file.string();
    reply.bytes = static_cast<std::int64_t>(html.size());
    return reply;
}

} // namespace lathe::engine
