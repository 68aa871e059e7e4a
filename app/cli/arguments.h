#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace lathe::cli {

// The command line as the commands need it. CLI11 reads it, and is included in arguments.cpp only: it takes four seconds of compiling.

/// An argument of a command: by its place ("model"), or by its name ("--data", "-o,--output"). A handle, valid as long as the CommandLine.
class Option {
public:
    explicit Option(CLI::Option* option) : m_option(option) {}
    Option& required();
    /// Of a list: takes exactly `count` texts.
    Option& takes(int count);
    /// Shown by --help.
    Option& withDefault();
    Option& range(int minimum, int maximum);
    Option& oneOf(const std::vector<std::string>& words);
    Option& excludes(const Option& other);
    Option& delimiter(char character);
    /// The variable that tells it where the command line does not.
    Option& environment(const std::string& variable);

private:
    CLI::Option* m_option;
};

/// A command, or the program with its commands. A handle, valid as long as the CommandLine.
class Command {
public:
    explicit Command(CLI::App* app) : m_app(app) {}
    [[nodiscard]] Command command(const std::string& name, const std::string& description) const;
    /// One that --help does not list: not for people.
    [[nodiscard]] Command hiddenCommand(const std::string& name) const;
    /// Not one by itself: one of its commands has to follow.
    void needsCommand() const;

    // `value` is what counts without the argument, and must live until the command line is read.
    Option option(const std::string& name, std::string& value, const std::string& description = {}) const;
    Option option(const std::string& name, std::filesystem::path& value, const std::string& description = {}) const;
    Option option(const std::string& name, int& value, const std::string& description = {}) const;
    Option option(const std::string& name, std::int64_t& value, const std::string& description = {}) const;
    Option option(const std::string& name, std::uint64_t& value, const std::string& description = {}) const;
    Option option(const std::string& name, double& value, const std::string& description = {}) const;
    Option option(const std::string& name, std::vector<std::string>& value, const std::string& description = {}) const;
    Option option(const std::string& name, std::vector<std::int64_t>& value, const std::string& description = {}) const;
    Option flag(const std::string& name, bool& value, const std::string& description) const;

    /// Called when the command line is read and it is the one on it.
    void whenChosen(std::function<void()> call) const;

private:
    CLI::App* m_app;
};

/// The program: owns what the handles point to.
class CommandLine {
public:
    CommandLine(const std::string& description, const std::string& program, const std::string& version);
    ~CommandLine();
    CommandLine(const CommandLine&) = delete;
    CommandLine& operator=(const CommandLine&) = delete;

    [[nodiscard]] Command root();
    /// Reads the command line. The exit code where the program ends with it: 0 when help or the version was asked for and printed, 2 when
    /// it is wrong, which is printed.
    [[nodiscard]] std::optional<int> read(int argc, const char* const* argv);

private:
    std::unique_ptr<CLI::App> m_app;
};

} // namespace lathe::cli
