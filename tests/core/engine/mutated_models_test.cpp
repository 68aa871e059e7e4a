// Mutated model files through the real process that reads models: whatever it does, the caller gets a model or one sentence.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/engine/open_model.h>
#include <core/formats/archive/zip_check.h>
#include <tests/support/archive_bytes.h>

namespace lathe::engine {
namespace {

namespace fs = std::filesystem;

int rounds() {
    const char* wanted = std::getenv("LATHE_MUTATIONS");
    return wanted != nullptr ? std::atoi(wanted) : 100;
}

/// A few bytes changed, removed or doubled.
std::string mutated(std::string bytes, std::mt19937& generator) {
    const unsigned changes = 1 + generator() % 6;
    for (unsigned change = 0; change < changes && !bytes.empty(); ++change) {
        const std::size_t at = generator() % bytes.size();
        switch (generator() % 4) {
        case 0:
            bytes[at] = static_cast<char>(generator());
            break;
        case 1:
            bytes[at] = static_cast<char>(bytes[at] ^ 1 << generator() % 8);
            break;
        case 2:
            bytes.erase(at, 1 + generator() % 8);
            break;
        default:
            bytes.insert(at, bytes.substr(generator() % bytes.size(), 1 + generator() % 8));
        }
    }
    return bytes;
}

/// One entry is mutated and the archive around it made right again, so that the change reaches the readers behind the checks of archives;
/// every eighth time the archive itself.
std::string mutatedArchive(const std::string& archive, std::mt19937& generator) {
    if (generator() % 8 == 0) return mutated(archive, generator);
    const auto entries = formats::checkZip(archive).value();
    std::size_t chosen = generator() % entries.size();
    while (entries[chosen].bytes == 0 || entries[chosen].name.find("/data/") != std::string::npos) // weights may be anything
        chosen = generator() % entries.size();
    std::vector<support::ArchiveEntry> changed;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        std::string content = formats::unpack(archive, entries[i]).value();
        if (i == chosen) content = mutated(std::move(content), generator);
        changed.push_back({.name = entries[i].name, .content = std::move(content)});
    }
    return support::archiveBytes(changed);
}

TEST(MutatedModels, GiveAModelOrOneSentence) {
    std::vector<std::string> seeds;
    for (const char* name : {"lenet_scripted.pt", "residual_traced.pt", "control_flow.pt", "quantized.pt"})
        seeds.push_back(base::readFile(fs::path(LATHE_SOURCE_DIR) / "tests/data/torchscript" / name).value());
    const base::TemporaryFolder folder;
    const fs::path file = folder.path() / "mutated.pt";
    std::mt19937 generator(20);
    int opened = 0, refused = 0, dead = 0;
    for (int round = 0; round < rounds(); ++round) {
        const std::string bytes = mutatedArchive(seeds[static_cast<std::size_t>(round) % seeds.size()], generator);
        std::ofstream(file, std::ios::binary) << bytes;
        const auto read = openModel({.file = file, .limitSeconds = 20}, {});
        if (read) {
            ++opened;
            EXPECT_TRUE(graph::verify(read->model.graph));
            continue;
        }
        const std::string message = read.error().message.text();
        const bool isDead = message.find("crashes the reader") != std::string::npos || message.find("takes longer") != std::string::npos ||
                            message.find("takes more memory") != std::string::npos;
        ++(isDead ? dead : refused);
        EXPECT_EQ(read.error().code, base::ErrorCode::Rejected) << message;
        EXPECT_TRUE(message.starts_with("\"mutated.pt\" ") || message.starts_with("Invalid graph: ")) << message;
        EXPECT_TRUE(message.ends_with(".")) << message;
        EXPECT_EQ(message.find('\n'), std::string::npos) << message;
        if (isDead) { // kept for whoever wants to know why
            const fs::path kept = fs::temp_directory_path() / ("lathe-mutated-" + std::to_string(round) + ".pt");
            fs::copy_file(file, kept, fs::copy_options::overwrite_existing);
            std::cout << message << " Kept as " << kept.string() << "\n";
        }
    }
    std::cout << rounds() << " mutated files: " << opened << " opened, " << refused << " refused, " << dead << " ended their reader\n";
    EXPECT_EQ(opened + refused + dead, rounds());
    EXPECT_GT(refused, rounds() / 4);
    EXPECT_GT(opened, 0) << "no mutation passes the checks: nothing shows that the readers behind them hold";
}

} // namespace
} // namespace lathe::engine
