#include <core/runtime/kernels/kernel_choices.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include <core/base/cache_folder.h>
#include <core/base/files.h>
#include <core/base/json.h>
#include <core/base/log.h>
#include <core/runtime/cpu.h>

#include "kernels_fingerprint.h"

namespace lathe::runtime {

namespace fs = std::filesystem;

namespace {

constexpr int formatVersion = 1;
constexpr std::uintmax_t largestFile = std::uintmax_t{16} << 20;

/// A name that any file system takes.
std::string asFileName(std::string_view text) {
    std::string name;
    for (const char letter : text) {
        if (std::isalnum(static_cast<unsigned char>(letter)) != 0)
            name += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
        else if (!name.empty() && name.back() != '-')
            name += '-';
    }
    while (name.ends_with('-'))
        name.pop_back();
    return name;
}

KernelTimes timesOf(const base::Json& kernels) {
    KernelTimes times;
    for (const auto& [kernel, microseconds] : kernels.items()) {
        if (microseconds.is_number() && microseconds.get<double>() > 0) times[kernel] = microseconds.get<double>();
    }
    return times;
}

} // namespace

KernelChoices::KernelChoices(Source source) : m_source(std::move(source)) {}

KernelChoices::Source KernelChoices::usualSource(int threads) {
    const char* choice = std::getenv("LATHE_KERNELS");
    if (choice != nullptr && std::string_view(choice) == "off") return {};
    if (choice != nullptr && *choice != '\0') return {choice, {}, false};
    static const std::string cpu = cpuName() + ", " + cpuDetail() + ", ";
    const std::string machine = cpu + std::to_string(threads) + (threads == 1 ? " thread" : " threads");
    const fs::path folder = base::cacheFolder("kernels");
    return {folder.empty() ? fs::path() : folder / (asFileName(machine) + ".json"), machine, true, kernelsFingerprint};
}

KernelChoices::Forms KernelChoices::read() const {
    std::error_code ignored;
    if (m_source.file.empty()) return {};
    if (m_source.measures && !fs::exists(m_source.file, ignored)) return {};
    const auto unusable = [&](const std::string& why) {
        base::log(base::LogLevel::Warning, "the times of kernels in " + m_source.file.string() + " are not used: " + why);
        return Forms();
    };
    const auto text = base::readFile(m_source.file, largestFile);
    if (!text) return unusable(text.error().text());
    const auto json = base::parseJson(*text);
    if (!json) return unusable(json.error().text());
    if (!json->is_object() || json->value("lathe_kernels", base::Json()) != formatVersion || !json->contains("layers") ||
        !json->at("layers").is_object())
        return unusable("it is no file of them.");
    if (!m_source.machine.empty() && json->value("machine", base::Json()) != m_source.machine) return unusable("it is of another machine.");
    // After an update, not a mistake: the file is written anew.
    if (!m_source.kernels.empty() && json->value("kernels", base::Json()) != m_source.kernels) return {};
    Forms forms;
    for (const auto& [form, kernels] : json->at("layers").items()) {
        if (kernels.is_object()) forms[form] = timesOf(kernels);
    }
    return forms;
}

const KernelTimes* KernelChoices::find(const std::string& form) {
    if (const auto measured = m_new.find(form); measured != m_new.end()) return &measured->second;
    if (!m_known) m_known = read();
    const auto found = m_known->find(form);
    return found == m_known->end() ? nullptr : &found->second;
}

void KernelChoices::set(const std::string& form, KernelTimes times) { m_new[form] = std::move(times); }

void KernelChoices::save() {
    if (m_new.empty() || m_source.file.empty() || !m_source.measures) return;
    Forms all = read();
    for (const auto& [form, times] : m_new)
        all[form] = times;
    base::Json layers = base::Json::object();
    for (const auto& [form, times] : all) {
        base::Json& kernels = layers[form] = base::Json::object();
        for (const auto& [kernel, microseconds] : times)
            kernels[kernel] = microseconds;
    }
    const base::Json document{
        {"lathe_kernels", formatVersion}, {"machine", m_source.machine}, {"kernels", m_source.kernels}, {"layers", std::move(layers)}};
    std::error_code failed;
    fs::create_directories(m_source.file.parent_path(), failed);
    const auto written = base::writeFile(m_source.file, document.dump(1) + "\n");
    if (!written) base::log(base::LogLevel::Info, "the times of kernels are not kept: " + written.error().text());
    m_known = std::move(all);
    m_new.clear();
}

} // namespace lathe::runtime
