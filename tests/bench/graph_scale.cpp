// How the time of everything that walks over a graph grows with the graph: a transformer of 1 000, 10 000 and 100 000 nodes (or the sizes
// that are given) is written, opened, rewritten, previewed, drawn and compiled. Prints milliseconds of processor time and microseconds per
// node; the last column is the time per node of the largest graph over that of the smallest: 1 is linear, 2 is what we allow, 100 is
// quadratic. With model files instead of sizes: how long their recipes take to preview, from the start and after an edit of the last step.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <future>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <core/base/files.h>
#include <core/engine/inspection.h>
#include <core/formats/model_file.h>
#include <core/graph/layers.h>
#include <core/layout/drawing.h>
#include <core/recipe/recipe.h>
#include <core/runtime/plan_torch.h>
#include <core/steps/apply_step.h>
#include <tests/support/step_context.h>
#include <tests/support/transformer.h>

namespace {

using namespace lathe;
using Clock = std::chrono::steady_clock;

double millisecondsSince(Clock::time_point begin) { return std::chrono::duration<double, std::milli>(Clock::now() - begin).count(); }

/// Of the processor, so that other programs do not count.
double processorMilliseconds() {
    std::timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

/// The fastest of three runs, or of as many as fit in a third of a second.
double milliseconds(const std::function<void()>& work) {
    constexpr double enough = 300;
    constexpr int least = 3;
    double fastest = 0, all = 0;
    for (int run = 0; run < least || all < enough; ++run) {
        const double begin = processorMilliseconds();
        work();
        const double took = processorMilliseconds() - begin;
        fastest = run == 0 ? took : std::min(fastest, took);
        all += took;
    }
    return fastest;
}

template<class T>
T need(base::Result<T> result, const char* what) {
    if (result) return std::move(*result);
    std::fprintf(stderr, "graph_scale: %s: %s\n", what, result.error().text().c_str());
    std::exit(1);
}

recipe::Recipe recipeOf(const std::string& steps) { return need(recipe::parse(R"({"lathe": 1, "steps": [)" + steps + "]}"), "the recipe"); }

/// Calibration without running anything: every activation lies in [−1, 1].
base::Result<steps::StepOutcome> applied(const graph::Graph& graph, const steps::Step& step) {
    support::TestContext context;
    context.onObserve = [](const graph::Graph&, const std::vector<graph::ValueId>& values, std::int64_t,
                           const steps::StepContext::Observer& observer) -> base::Result<> {
        const tensor::Tensor ends = tensor::Tensor::of<float>({2}, {-1, 1});
        for (const graph::ValueId value : values)
            observer(value, ends);
        return {};
    };
    return steps::applyStep(graph, step, context);
}

struct Row {
    std::string name;
    std::vector<double> milliseconds;
};

class Table {
public:
    void add(const std::string& name, double milliseconds) {
        std::fprintf(stderr, "  %-34s %10.1f ms\n", name.c_str(), milliseconds);
        for (Row& row : m_rows) {
            if (row.name == name) return row.milliseconds.push_back(milliseconds);
        }
        m_rows.push_back({name, {milliseconds}});
    }
    void print(const std::vector<int>& sizes) const {
        std::printf("%-34s", "");
        for (const int size : sizes)
            std::printf(" %9d nodes", size);
        for (const int size : sizes)
            std::printf(" %9d nodes", size);
        std::printf("\n%-34s", "");
        for (std::size_t i = 0; i < sizes.size(); ++i)
            std::printf(" %15s", "ms");
        for (std::size_t i = 0; i < sizes.size(); ++i)
            std::printf(" %15s", "us per node");
        std::printf(" %8s\n", "growth");
        for (const Row& row : m_rows) {
            std::printf("%-34s", row.name.c_str());
            std::vector<double> perNode;
            for (std::size_t i = 0; i < row.milliseconds.size(); ++i) {
                std::printf(" %15.1f", row.milliseconds[i]);
                perNode.push_back(row.milliseconds[i] * 1000 / sizes[i]);
            }
            for (const double each : perNode)
                std::printf(" %15.3f", each);
            std::printf(" %8.2f\n", perNode.back() / perNode.front());
        }
    }

private:
    std::vector<Row> m_rows;
};

void measureFiles(Table& table, const graph::Graph& graph, const std::filesystem::path& folder) {
    const auto measure = [&](const std::string& format, const char* ending,
                             const std::function<base::Result<std::int64_t>(const std::filesystem::path&)>& write) {
        const std::filesystem::path file = folder / ("model" + std::string(ending));
        table.add("write " + format, milliseconds([&] { need(write(file), format.c_str()); }));
        table.add("open " + format, milliseconds([&] { need(formats::openModel(file), format.c_str()); }));
        std::filesystem::remove(file);
    };
    // Each weight is an entry of the archive, and the readers allow no archive of so many; LibTorch's own writer takes time that grows
    // with the square (100 000 nodes: 86 s).
    constexpr std::size_t mostNodes = 20000;
    if (graph.main.nodes.size() <= mostNodes) {
        measure("TorchScript", ".pt", [&](const auto& file) { return formats::writeTorchScript(graph, file); });
        measure(".pt2", ".pt2", [&](const auto& file) { return formats::writeExportedProgram(graph, file); });
    }
    graph::Graph known = graph; // ONNX has no operator for a product with a number
    graph::forEachNode(known, [](graph::Node& node) {
        if (node.op != "aten::mul.Scalar") return;
        node.op = graph::op::relu;
        node.operands.resize(1);
    });
    measure("ONNX", ".onnx", [&](const auto& file) { return formats::writeOnnx(known, file); });
}

void measureSteps(Table& table, const graph::Graph& graph) {
    const std::pair<const char*, const char*> steps[] = {
        {"dead code", R"({"op": "clean.dead_code"})"},
        {"fuse conv + bn", R"({"op": "fuse.conv_bn"})"},
        {"fuse linear + relu", R"({"op": "fuse.linear_relu"})"},
        {"sparsify", R"({"op": "prune.unstructured", "ratio": 0.5})"},
        {"prune channels", R"({"op": "prune.structured", "ratio": 0.5})"},
        {"quantize weights", R"({"op": "quantize.weight_only"})"},
        {"quantize dynamic", R"({"op": "quantize.dynamic"})"},
        {"quantize static", R"({"op": "quantize.static", "calibrator": "minmax"})"},
    };
    for (const auto& [name, step] : steps) {
        const recipe::Recipe recipe = recipeOf(step);
        table.add(name, milliseconds([&] { need(applied(graph, recipe.steps.front()), step); }));
    }
}

void measurePreviews(Table& table, const graph::Graph& graph) {
    const std::pair<const char*, const char*> recipes[] = {
        {"preview of static int8", R"({"op": "quantize.static"})"},
        {"preview of dynamic int8", R"({"op": "quantize.dynamic"})"},
        {"preview of weights only", R"({"op": "quantize.weight_only"})"},
        {"preview of prune + fuse + static", R"({"op": "prune.structured"}, {"op": "fuse.conv_bn"}, {"op": "quantize.static"})"},
    };
    for (const auto& [name, steps] : recipes) {
        const recipe::Recipe recipe = recipeOf(steps);
        table.add(name, milliseconds([&] { (void)engine::preview(graph, recipe); }));
    }
    // Asked to stop in the middle of the longest.
    const recipe::Recipe longest = recipeOf(recipes[3].second);
    double slowest = 0;
    for (const int after : {1, 50, 200, 800, 2000}) {
        std::stop_source stop;
        auto work = std::async(std::launch::async, [&] { return engine::preview(graph, longest, {stop.get_token(), {}}); });
        std::this_thread::sleep_for(std::chrono::milliseconds(after));
        const auto begin = Clock::now();
        stop.request_stop();
        work.wait();
        slowest = std::max(slowest, millisecondsSince(begin));
    }
    table.add("cancel a preview (slowest of 5)", slowest);
}

/// As a window does it, with what was previewed before.
int measureModels(const std::vector<std::string>& files) {
    const recipe::Recipe before = recipeOf(R"({"op": "prune.structured"}, {"op": "fuse.conv_bn"}, {"op": "quantize.static"})");
    const recipe::Recipe after =
        recipeOf(R"({"op": "prune.structured"}, {"op": "fuse.conv_bn"}, {"op": "quantize.static", "weights": {"granularity": "tensor"}})");
    for (const std::string& file : files) {
        const formats::OpenedModel model = need(formats::openModel(file), file.c_str());
        engine::StageCache cache;
        const engine::KnownStages known{&cache, "model"};
        const auto preview = [&](const recipe::Recipe& recipe) {
            const auto begin = Clock::now();
            (void)engine::preview(model.graph, recipe, {}, known);
            return millisecondsSince(begin);
        };
        const double first = preview(before), edited = preview(after), again = preview(before);
        std::printf("%s: %zu nodes, preview %.0f ms, after an edit %.0f ms, of what was looked at before %.0f ms\n", file.c_str(),
                    model.graph.main.nodes.size(), first, edited, again);
    }
    return 0;
}

void measureViews(Table& table, const graph::Graph& graph) {
    table.add("layer table", milliseconds([&] { (void)engine::layerInfos(graph); }));
    table.add("groups of layers", milliseconds([&] {
                  std::vector<client::LayerInfo> none;
                  (void)engine::groupLayers(none, graph);
              }));
    using Kind = graph::OpenModules::Kind;
    for (const auto& [name, open] : {std::pair{"drawing, all modules open", graph::OpenModules{Kind::All}},
                                     std::pair{"drawing, one block open", graph::OpenModules{Kind::Chosen, {"blocks", "blocks.3"}}},
                                     std::pair{"drawing, all modules closed", graph::OpenModules{Kind::Chosen}}}) {
        table.add(name, milliseconds([&] { (void)layout::drawing(graph, open); }));
        std::size_t bytes = 0;
        table.add(std::string(name) + ", as JSON",
                  milliseconds([&, drawing = layout::drawing(graph, open)] { bytes = layout::toJson(drawing).dump().size(); }));
        std::fprintf(stderr, "  %s: %zu bytes\n", name, bytes);
    }
    table.add("verify", milliseconds([&] { (void)graph::verify(graph); }));
}

void measurePlans(Table& table, const graph::Graph& graph) {
    table.add("compile float", milliseconds([&] { need(runtime::Plan::compile(graph, {}), "the float plan"); }));
    const recipe::Recipe recipe = recipeOf(R"({"op": "quantize.static", "calibrator": "minmax"})");
    const auto quantized = need(applied(graph, recipe.steps.front()), "static");
    table.add("lower and compile static int8", milliseconds([&] { need(runtime::Plan::compile(quantized.graph, {}), "the int8 plan"); }));
}

} // namespace

int main(int argc, char* argv[]) {
    std::vector<int> sizes;
    std::string_view parts = "fspvc";
    std::vector<std::string> files;
    for (int i = 1; i < argc; ++i) {
        if (std::filesystem::exists(argv[i]))
            files.emplace_back(argv[i]);
        else if (std::atoi(argv[i]) > 0)
            sizes.push_back(std::atoi(argv[i]));
        else
            parts = argv[i];
    }
    if (!files.empty()) return measureModels(files);
    if (sizes.empty()) sizes = {1'000, 10'000, 100'000};
    if (parts.find_first_not_of("fspvc") != std::string_view::npos) {
        std::fprintf(stderr, "usage: bench_graph_scale [NODES …] [f][s][p][v][c], or FILE …: files, steps, previews, views, compiling\n");
        return 2;
    }
    const base::TemporaryFolder folder;
    Table table;
    for (const int size : sizes) {
        std::fprintf(stderr, "%d nodes\n", size);
        const graph::Graph graph = support::transformer(size);
        const auto wants = [&](char part) { return parts.find(part) != std::string_view::npos; };
        if (wants('f')) measureFiles(table, graph, folder.path());
        if (wants('s')) measureSteps(table, graph);
        if (wants('p')) measurePreviews(table, graph);
        if (wants('v')) measureViews(table, graph);
        if (wants('c')) measurePlans(table, graph);
    }
    table.print(sizes);
    return 0;
}
