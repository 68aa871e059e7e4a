#include <core/formats/torchscript/custom_operators.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string_view>

#include <torch/csrc/jit/runtime/operator.h>

#include <core/formats/archive/model_archive.h>

namespace lathe::formats {

namespace {

/// No real model comes near these; what a file declares stays.
constexpr std::size_t maxOperators = 256, maxResults = 64, maxName = 128;
constexpr std::string_view beginning = "ops.";

/// The identifier at the start of a text; "" where there is none.
std::string_view identifier(std::string_view text) {
    const auto isLetter = [](char letter) { return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_'; };
    const auto end = std::ranges::find_if_not(text, isLetter);
    const std::string_view found = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    return found.empty() || found.size() > maxName || std::isdigit(static_cast<unsigned char>(found[0])) != 0 ? std::string_view() : found;
}

/// The operator of a call "ops.library.name(…" at the start of a text; "" where there is none.
std::string calledOperator(std::string_view text) {
    const std::string_view library = identifier(text.substr(beginning.size()));
    text.remove_prefix(std::min(text.size(), beginning.size() + library.size()));
    if (library.empty() || !text.starts_with('.')) return {};
    const std::string_view name = identifier(text.substr(1));
    if (name.empty() || !text.substr(1 + name.size()).starts_with('(')) return {};
    return std::string(library) + "::" + std::string(name);
}

/// Of "a, b = …" and "a, b, = …" two; 1 for "a = …" and where nothing is assigned.
std::size_t namesIn(std::string_view before) {
    if (!before.ends_with(" = ")) return 1;
    return static_cast<std::size_t>(std::ranges::count(before, ',')) + (before.ends_with(", = ") ? 0 : 1);
}

/// The calls of one file of code: names of operators with the number of their results.
void collect(std::string_view code, std::map<std::string, std::size_t>& calls) {
    std::map<std::string_view, std::string> held; ///< the operator whose result a name stands for
    while (!code.empty()) {
        const std::string_view line = code.substr(0, code.find('\n'));
        code.remove_prefix(std::min(code.size(), line.size() + 1));
        const std::string_view statement = line.substr(std::min(line.find_first_not_of(' '), line.size()));
        for (std::size_t at = statement.find(beginning); at != std::string_view::npos; at = statement.find(beginning, at + 1)) {
            const std::string op = calledOperator(statement.substr(at));
            if (op.empty()) continue;
            std::size_t& results = calls[op];
            results = std::max(results, namesIn(statement.substr(0, at)));
            if (const std::string_view name = identifier(statement); statement.substr(0, at) == std::string(name) + " = ") held[name] = op;
        }
        // "a, b, = _0"
        const std::size_t equals = statement.rfind(" = ");
        if (equals == std::string_view::npos) continue;
        if (const auto known = held.find(statement.substr(equals + 3)); known != held.end())
            calls[known->second] = std::max(calls[known->second], namesIn(statement.substr(0, equals + 3)));
    }
}

bool isKnown(const std::string& op) { return !torch::jit::getAllOperatorsFor(c10::Symbol::fromQualString(op)).empty(); }

void declare(const std::string& op, std::size_t results) {
    std::string types = results == 1 ? "Tensor" : "(Tensor";
    for (std::size_t index = 1; index < results; ++index)
        types += ", Tensor";
    torch::jit::registerOperator(torch::jit::Operator(
        op + "(...) -> " + types + (results == 1 ? "" : ")"),
        [op](torch::jit::Stack&) { throw std::runtime_error("The operator " + op + " is not known."); },
        c10::AliasAnalysisKind::PURE_FUNCTION));
}

} // namespace

bool declareCustomOperators(const std::filesystem::path& file) {
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    const auto archive = ModelArchive::open(file);
    if (!archive) return false;
    std::map<std::string, std::size_t> calls;
    for (const std::string& name : archive->names()) {
        if (!name.starts_with("code/") || !name.ends_with(".py")) continue;
        if (const auto code = archive->readText(name)) collect(*code, calls);
    }
    std::erase_if(calls, [](const auto& call) {
        return call.first.starts_with("prim::") || call.first.starts_with("aten::") || isKnown(call.first);
    });
    if (calls.empty() || calls.size() > maxOperators) return false;
    for (const auto& [op, results] : calls)
        declare(op, std::min(results, maxResults));
    return true;
}

} // namespace lathe::formats
