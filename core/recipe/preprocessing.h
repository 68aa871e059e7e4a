#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <core/base/json.h>
#include <core/base/result.h>

namespace lathe::recipe {

enum class ChannelOrder { Rgb, Bgr, Gray };

/// How stored samples become what the model sees; part of the recipe, because a model gives other answers with another preprocessing. What
/// is empty is left as it is stored. In JSON: {"resize": 256, "crop": [224, 224], "channels": "bgr", "mean": [0.485, 0.456, 0.406],
/// "std": [0.229, 0.224, 0.225], "length": 16000, "label": "Class", "ignore": ["Id"], "integers": true}.
struct Preprocessing {
    std::optional<std::int64_t> resize = {};              ///< images: the shorter side in pixels
    std::optional<std::array<std::int64_t, 2>> crop = {}; ///< images: height and width, cut from the centre after resizing
    ChannelOrder channels = ChannelOrder::Rgb;            ///< images: Gray gives one channel
    std::vector<double> mean = {}, deviation = {};        ///< per channel, of values from 0 to 1; (value − mean) / deviation
    std::optional<std::int64_t> length = {};              ///< sound: samples; longer is cut, shorter is filled with silence
    std::string label = {};                ///< tables: the column with the class; "": "label", "class" or "target", else the last
    std::vector<std::string> ignored = {}; ///< tables: columns that the model does not see
    bool integers = false;                 ///< tables: the model takes int64 (tokens, categories), not float32
    bool operator==(const Preprocessing&) const = default;
};

/// Errors: Rejected, with the key: `"crop" must be two whole numbers …`; unknown keys with the nearest known one.
[[nodiscard]] base::Result<Preprocessing> preprocessingFromJson(const base::Json& json);
/// Without what has its default value: an empty object when nothing is set.
[[nodiscard]] base::Json toJson(const Preprocessing& preprocessing);

} // namespace lathe::recipe
