#include <app/cli/arguments.h>

#include <CLI/CLI.hpp>

namespace lathe::cli {

namespace {

constexpr int usageError = 2;

} // namespace

Option& Option::required() {
    m_option->required();
    return *this;
}

Option& Option::takes(int count) {
    m_option->expected(count);
    return *this;
}

Option& Option::withDefault() {
    m_option->capture_default_str();
    return *this;
}

Option& Option::range(int minimum, int maximum) {
    m_option->check(CLI::Range(minimum, maximum));
    return *this;
}

Option& Option::oneOf(const std::vector<std::string>& words) {
    m_option->check(CLI::IsMember(words));
    return *this;
}

Option& Option::excludes(const Option& other) {
    m_option->excludes(other.m_option);
    return *this;
}

Option& Option::delimiter(char character) {
    m_option->delimiter(character);
    return *this;
}

Option& Option::environment(const std::string& variable) {
    m_option->envname(variable);
    return *this;
}

Command Command::command(const std::string& name, const std::string& description) const {
    return Command(m_app->add_subcommand(name, description));
}

Command Command::hiddenCommand(const std::string& name) const {
    CLI::App* app = m_app->add_subcommand(name, "");
    app->group("");
    return Command(app);
}

void Command::needsCommand() const { m_app->require_subcommand(1); }

Option Command::option(const std::string& name, std::string& value, const std::string& description) const {
    return Option(m_app->add_option(name, value, description));
}

Option Command::option(const std::string& name, std::filesystem::path& value, const std::string& description) const {
    return Option(m_app->add_option(name, value, description));
}

Option Command::option(const std::string& name, int& value, const std::string& description) const {
    return Option(m_app->add_option(name, value, description));
}

Option Command::option(const std::string& name, std::int64_t& value, const std::string& description) const {
    return Option(m_app->add_option(name, value, description));
}

Option Command::option(const std::string& name, std::uint64_t& value, const std::string& description) const {
    return Option(m_app->add_option(name, value, description));
}

Option Command::option(const std::string& name, double& value, const std::string& description) const {
    return Option(m_app->add_option(name, value, description));
}

Option Command::option(const std::string& name, std::vector<std::string>& value, const std::string& description) const {
    return Option(m_app->add_option(name, value, description));
}

Option Command::option(const std::string& name, std::vector<std::int64_t>& value, const std::string& description) const {
    return Option(m_app->add_option(name, value, description));
}

Option Command::flag(const std::string& name, bool& value, const std::string& description) const {
    return Option(m_app->add_flag(name, value, description));
}

void Command::whenChosen(std::function<void()> call) const { m_app->callback(std::move(call)); }

CommandLine::CommandLine(const std::string& description, const std::string& program, const std::string& version)
    : m_app(std::make_unique<CLI::App>(description, program)) {
    m_app->set_version_flag("--version", version);
    m_app->require_subcommand(1);
}

CommandLine::~CommandLine() = default;

Command CommandLine::root() { return Command(m_app.get()); }

std::optional<int> CommandLine::read(int argc, const char* const* argv) {
    try {
        m_app->parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return m_app->exit(error) == 0 ? 0 : usageError;
    }
    return std::nullopt;
}

} // namespace lathe::cli
