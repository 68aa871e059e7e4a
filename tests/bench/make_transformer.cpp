// Writes the transformer of tests/support/transformer.h: what opening, drawing and cancelling are tried on.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <core/base/model_formats.h>
#include <core/formats/format_table.h>
#include <tests/support/transformer.h>

int main(int argc, char* argv[]) {
    namespace formats = lathe::formats;
    if (argc != 3) {
        std::fprintf(stderr, "usage: bench_make_transformer NODES FILE(.pt, .pt2 or .onnx)\n");
        return 2;
    }
    const lathe::graph::Graph graph = lathe::support::transformer(std::atoi(argv[1]));
    const std::filesystem::path file = argv[2];
    for (const lathe::base::ModelFormat& format : lathe::base::modelFormats()) {
        if (std::ranges::find(format.endings, file.extension().string()) == format.endings.end()) continue;
        const auto written = formats::formatSpec(format.id).write(graph, file, {});
        if (written) return 0;
        std::fprintf(stderr, "%s\n", written.error().text().c_str());
        return 1;
    }
    std::fprintf(stderr, "\"%s\" ends as no format does.\n", argv[2]);
    return 2;
}
