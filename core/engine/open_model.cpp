#include <core/engine/open_model.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <core/base/child_process.h>
#include <core/base/sandbox.h>
#include <core/data/in_memory_dataset.h>
#include <core/data/model_dataset.h>
#include <core/data/model_fit.h>
#include <core/data/random_input.h>
#include <core/engine/export_judges.h>
#include <core/engine/fitted_model.h>
#include <core/engine/sample_bytes.h>
#include <core/engine/spread_weights.h>
#include <core/formats/files_beside.h>
#include <core/formats/format_table.h>

namespace lathe::engine {

namespace {

constexpr int answerDescriptor = 3;

/// A file in memory, for an answer of any size.
class MemoryFile {
public:
    MemoryFile() : m_descriptor(::memfd_create("model", MFD_CLOEXEC)) {}
    ~MemoryFile() {
        if (m_descriptor >= 0) ::close(m_descriptor);
    }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    [[nodiscard]] int descriptor() const { return m_descriptor; }

    /// What was written to it, for as long as the owner lives. Private: kernels that work in place change their copy.
    [[nodiscard]] std::pair<std::span<const std::byte>, std::shared_ptr<const void>> map() const {
        struct stat status {};
        if (::fstat(m_descriptor, &status) != 0 || status.st_size <= 0) return {};
        const auto size = static_cast<std::size_t>(status.st_size);
        void* address = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, m_descriptor, 0);
        if (address == MAP_FAILED) return {};
        const std::shared_ptr<const void> owner(address, [size](const void* begin) { ::munmap(const_cast<void*>(begin), size); });
        return {{static_cast<const std::byte*>(address), size}, owner};
    }

private:
    int m_descriptor;
};

std::uintmax_t memoryLimit(const OpenOptions& options) {
    if (options.memoryBytes > 0) return options.memoryBytes;
    constexpr std::uintmax_t always = std::uintmax_t{4} << 30; // LibTorch's libraries alone are mapped as one
    constexpr auto none = static_cast<std::uintmax_t>(-1);     // what file_size says of a file that is not there
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(options.file, error);
    // Each file, what is read of it, the answer, and running it once.
    return always + 4 * (size == none ? 0 : size) + 4 * formats::bytesOfWeights(options.weights);
}

tl::unexpected<base::Error> rejected(const OpenOptions& options, const base::Message& problem) {
    return base::failure(base::ErrorCode::Rejected, {"file.problem", {{"file", options.file.filename().string()}, {"problem", problem}}});
}

base::Result<base::ChildProcessResult> runReader(const OpenOptions& options, const std::string& sample, int descriptor,
                                                 const base::Job& job) {
    std::vector<std::string> arguments{
        commandLineProgram().string(),        "read-model", "--memory",
        std::to_string(memoryLimit(options)), "--seconds",  std::to_string(static_cast<long>(std::ceil(options.limitSeconds)))};
    if (!options.weights.empty()) arguments.insert(arguments.end(), {"--weights", options.weights.string()});
    // What real data is tried with comes on standard input; only the model says the shape of random input.
    if (data::isRandomInput(options.data)) arguments.insert(arguments.end(), {"--data", options.data});
    arguments.insert(arguments.end(), {"--", options.file.string()});
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    auto run = base::runChildProcess(
        {.arguments = arguments, .input = sample, .stop = job.stop, .limitSeconds = options.limitSeconds, .extraDescriptor = descriptor});
    if (run && run->isSuccess()) return run;
    if (!run && run.error().code != base::ErrorCode::Failed) return run;
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    if (seconds >= options.limitSeconds || (run && run->signal == SIGXCPU)) {
        return rejected(options, {"file.takesTooLong", {{"seconds", static_cast<long>(std::ceil(options.limitSeconds))}}});
    }
    if (!run) return run;
    if (run->signal != 0) {
        return rejected(options, {"file.crashesReader", {{"signal", run->signal}}});
    }
    return base::failure(base::ErrorCode::Failed, {"file.readerFailed", {{"reason", run->firstMessage}}});
}

/// The sample of the parent as data; what it calls labels is an input where the model has one of that name.
base::Result<std::shared_ptr<const data::Dataset>> datasetOf(std::vector<NamedSample> samples, const graph::Graph& graph) {
    data::DatasetContent content;
    content.name = "the data";
    content.isMadeForModel = true;
    for (NamedSample& sample : samples) {
        const bool isInput = std::ranges::any_of(graph.main.inputs, [&](graph::ValueId id) { return graph.value(id).name == sample.name; });
        if (sample.isLabels && !isInput) continue;
        content.inputNames.push_back(sample.name);
        if (content.test.samples.isNull())
            content.test.samples = std::move(sample.values);
        else
            content.test.more.push_back(std::move(sample.values));
    }
    auto dataset = data::InMemoryDataset::create(std::move(content));
    if (!dataset) return forward(dataset);
    return data::arrangedFor(std::move(*dataset), graph);
}

base::Result<> findShapes(graph::Graph& graph, base::Result<std::shared_ptr<const data::Dataset>> dataset) {
    if (!dataset) return forward(dataset);
    const auto fitted = fitToData(graph, std::move(*dataset));
    if (!fitted) return forward(fitted);
    describe(graph, *fitted);
    return {};
}

base::Result<ReadModel> readModel(const OpenOptions& options, const std::string& sampleBytes) {
    std::vector<NamedSample> samples;
    std::vector<std::string> names;
    if (!sampleBytes.empty()) {
        auto parsed = parseSampleBytes(sampleBytes);
        if (!parsed) return forward(parsed);
        samples = std::move(*parsed);
        for (const NamedSample& sample : samples)
            names.push_back(sample.name);
    }
    auto model = formats::openModel(options.file, names);
    if (!model) return forward(model);
    if (const auto checked = checkSpread(model->graph); !checked) return rejected(options, checked.error().message);
    ReadModel read{std::move(*model), {}, {}, {}};
    if (!options.weights.empty()) {
        const auto weights = formats::readWeightsFile(options.weights);
        if (!weights) return forward(weights);
        auto replaced = formats::replaceWeights(read.model.graph, *weights);
        read.weightDifferences = std::move(replaced.differences);
        read.weightNotes = std::move(replaced.notes);
    }
    base::Result<> shapes;
    if (data::isRandomInput(options.data)) {
        shapes = findShapes(read.model.graph, data::openFor(read.model.graph, options.data));
    } else if (!samples.empty()) {
        shapes = findShapes(read.model.graph, datasetOf(std::move(samples), read.model.graph));
    }
    if (!shapes) read.shapesProblem = shapes.error();
    return read;
}

std::string standardInput() {
    std::string bytes;
    char buffer[1 << 16];
    for (ssize_t size = 0; (size = ::read(STDIN_FILENO, buffer, sizeof buffer)) > 0;)
        bytes.append(buffer, static_cast<std::size_t>(size));
    return bytes;
}

/// The file itself, or the folders where it may keep its weights in other files.
std::vector<std::filesystem::path> readableFiles(const OpenOptions& options) {
    std::vector<std::filesystem::path> files = formats::readableForWeights(options.weights);
    if (formats::mayHaveFilesBeside(options.file)) {
        const auto folders = formats::foldersOf(options.file);
        files.insert(files.end(), folders.begin(), folders.end());
    } else {
        files.push_back(options.file);
    }
    return files;
}

} // namespace

base::Result<ReadModel> openModel(const OpenOptions& options, const base::Job& job) {
    std::string sample;
    std::optional<base::Error> dataProblem;
    if (!options.data.empty() && !data::isRandomInput(options.data)) {
        if (const auto dataset = data::openDataset(options.data, options.preprocessing)) {
            sample = sampleBytes(**dataset);
        } else {
            dataProblem = dataset.error();
        }
    }
    const MemoryFile answer;
    if (const auto run = runReader(options, sample, answer.descriptor(), job); !run) return forward(run);
    const auto [bytes, owner] = answer.map();
    auto read = readModelBytes(bytes, owner);
    if (read) {
        // The reader has checked it, if it is still the one that was started.
        if (const auto checked = checkSpread(read->model.graph); !checked) return rejected(options, checked.error().message);
    }
    if (read && dataProblem) read->shapesProblem = std::move(dataProblem);
    return read;
}

base::Result<> readModelForParent(const OpenOptions& options) {
    const base::SandboxRules rules{.readable = readableFiles(options),
                                   .writable = {},
                                   .memoryBytes = options.memoryBytes,
                                   .cpuSeconds = static_cast<unsigned>(options.limitSeconds)};
    const auto isolation = base::enterSandbox(rules);
    if (!isolation) return writeModelBytes(answerDescriptor, forward(isolation));
    try {
        return writeModelBytes(answerDescriptor, readModel(options, standardInput()));
    } catch (const std::bad_alloc&) {
        return writeModelBytes(answerDescriptor, rejected(options, {"file.takesTooMuchMemory", {}}));
    }
}

} // namespace lathe::engine
