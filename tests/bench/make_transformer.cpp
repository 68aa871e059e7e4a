// Writes the transformer of tests/support/transformer.h: what opening, drawing and cancelling are tried on.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <core/formats/model_file.h>
#include <tests/support/transformer.h>

int main(int argc, char* argv[]) {
    namespace formats = lathe::formats;
    if (argc != 3) {
        std::fprintf(stderr, "usage: bench_make_transformer NODES FILE(.pt, .pt2 or .onnx)\n");
        return 2;
    }
    const lathe::graph::Graph graph = lathe::support::transformer(std::atoi(argv[1]));
    const std::filesystem::path file = argv[2];
    const auto written = file.extension() == ".pt2"    ? formats::writeExportedProgram(graph, file)
                         : file.extension() == ".onnx" ? formats::writeOnnx(graph, file)
                                                       : formats::writeTorchScript(graph, file);
    if (written) return 0;
    std::fprintf(stderr, "%s\n", written.error().text().c_str());
    return 1;
}
