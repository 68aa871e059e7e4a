#include <core/data/wav_folder.h>

#include <memory>

#include <sndfile.h>

#include <core/data/class_folder.h>
#include <core/data/split_builder.h>

namespace lathe::data {

namespace {

const std::vector<std::string> soundEndings = {".wav", ".flac"};
constexpr std::int64_t maxFrames = std::int64_t{1} << 28;

struct Sound {
    int rate = 0;
    std::vector<float> samples;
};

tl::unexpected<base::Error> rejected(const std::filesystem::path& file, const base::Message& problem) {
    return base::failure(base::ErrorCode::Rejected, {"data.quotedFileProblem", {{"file", file.string()}, {"problem", problem}}});
}

base::Result<Sound> readSound(const std::filesystem::path& file) {
    SF_INFO info{};
    const std::unique_ptr<SNDFILE, int (*)(SNDFILE*)> opened(sf_open(file.c_str(), SFM_READ, &info), sf_close);
    if (!opened) return rejected(file, {"data.isNoSound", {{"reason", sf_strerror(nullptr)}}});
    if (info.channels < 1 || info.channels > 64 || info.frames < 1 || info.frames > maxFrames)
        return rejected(file, {"data.soundIsStrange", {{"samples", info.frames}, {"channels", info.channels}}});
    Sound sound;
    sound.rate = info.samplerate;
    // Grows with what is really there: the header may promise more than the file holds.
    std::vector<float> block(static_cast<std::size_t>(info.channels) * 4096);
    for (;;) {
        const sf_count_t frames = sf_readf_float(opened.get(), block.data(), 4096);
        if (frames <= 0) break;
        for (sf_count_t frame = 0; frame < frames; ++frame) {
            float sum = 0;
            for (int channel = 0; channel < info.channels; ++channel)
                sum += block[static_cast<std::size_t>(frame * info.channels + channel)];
            sound.samples.push_back(sum / static_cast<float>(info.channels));
        }
    }
    if (static_cast<sf_count_t>(sound.samples.size()) != info.frames)
        return rejected(file, {"data.soundEndsEarly", {{"samples", sound.samples.size()}, {"all", info.frames}}});
    return sound;
}

} // namespace

bool isWavFolder(const std::filesystem::path& folder) { return listClassFolder(folder, soundEndings).has_value(); }

base::Result<std::shared_ptr<const Dataset>> openWavFolder(const std::filesystem::path& folder, const std::string& name,
                                                           const recipe::Preprocessing& preprocessing) {
    auto list = listClassFolder(folder, soundEndings);
    if (!list) return base::forward(list);
    SplitBuilder<float> builder(tensor::DType::Float32);
    int rate = 0;
    std::size_t length = static_cast<std::size_t>(preprocessing.length.value_or(0));
    for (const ClassFile& file : list->files) {
        auto sound = readSound(file.path);
        if (!sound) return base::forward(sound);
        if (rate == 0) rate = sound->rate;
        if (sound->rate != rate) {
            return rejected(file.path, {"data.soundHasOtherRate", {{"rate", sound->rate}, {"other", rate}}});
        }
        if (length == 0) length = sound->samples.size();
        if (preprocessing.length) sound->samples.resize(length, 0);
        if (sound->samples.size() != length) {
            return rejected(file.path, {"data.soundHasOtherLength", {{"samples", sound->samples.size()}, {"other", length}}});
        }
        builder.add(file.split, sound->samples, file.label);
    }
    DatasetContent content;
    content.name = name;
    content.classes = std::move(list->classes);
    content.mean.assign(preprocessing.mean.begin(), preprocessing.mean.end());
    content.deviation.assign(preprocessing.deviation.begin(), preprocessing.deviation.end());
    builder.finish({1, static_cast<std::int64_t>(length)}, content);
    return InMemoryDataset::create(std::move(content));
}

} // namespace lathe::data
