#include <core/recipe/preprocessing.h>

#include <algorithm>

#include <core/base/json_reader.h>
#include <core/graph/layers.h>

namespace lathe::recipe {

namespace {

constexpr std::pair<std::string_view, ChannelOrder> channelOrders[] = {
    {"rgb", ChannelOrder::Rgb}, {"bgr", ChannelOrder::Bgr}, {"gray", ChannelOrder::Gray}};

constexpr std::int64_t maxPixels = 16384;
constexpr std::int64_t maxLength = std::int64_t{1} << 30;

} // namespace

base::Result<Preprocessing> preprocessingFromJson(const base::Json& json) {
    if (!json.is_object()) return base::failure(base::ErrorCode::Rejected, {"recipe.preprocessingMustBeObject", {}});
    const base::JsonReader in(json, "the preprocessing");
    static const std::vector<std::string> known = {"resize", "crop", "channels", "mean", "std", "length", "label", "ignore", "integers"};
    for (const auto& [key, value] : json.items()) {
        if (std::ranges::find(known, key) != known.end()) continue;
        const std::string nearest = graph::nearestName(key, known);
        const base::Message kind("recipe.key", {});
        return base::failure(base::ErrorCode::Rejected,
                             {"recipe.at",
                              {{"place", "preprocessing"},
                               {"problem", nearest.empty() ? base::Message("recipe.unknown", {{"kind", kind}, {"name", key}})
                                                           : base::Message("recipe.unknownNearest",
                                                                           {{"kind", kind}, {"name", key}, {"nearest", nearest}})}}});
    }
    Preprocessing result;
    if (in.has("resize")) result.resize = in["resize"].integer(1, maxPixels);
    if (in.has("crop")) {
        const auto crop = in["crop"].integers(3);
        if (crop.size() != 2 || crop[0] < 1 || crop[1] < 1 || crop[0] > maxPixels || crop[1] > maxPixels)
            in["crop"].fail("must be two whole numbers, height and width");
        else
            result.crop = {crop[0], crop[1]};
    }
    if (in.has("channels")) result.channels = in["channels"].choice<ChannelOrder>(channelOrders);
    if (in.has("mean")) result.mean = in["mean"].numbers(64);
    if (in.has("std")) {
        result.deviation = in["std"].numbers(64);
        if (std::ranges::any_of(result.deviation, [](double value) { return !(value > 0); })) in["std"].fail("must be above 0");
    }
    if (!result.mean.empty() && !result.deviation.empty() && result.mean.size() != result.deviation.size())
        in["std"].fail("must have as many numbers as \"mean\"");
    if (in.has("length")) result.length = in["length"].integer(1, maxLength);
    if (in.has("label")) result.label = in["label"].text();
    if (in.has("ignore")) result.ignored = in["ignore"].texts(10'000);
    if (in.has("integers")) result.integers = in["integers"].boolean();
    return in.finish(std::move(result));
}

base::Json toJson(const Preprocessing& preprocessing) {
    base::Json json = base::Json::object();
    if (preprocessing.resize) json["resize"] = *preprocessing.resize;
    if (preprocessing.crop) json["crop"] = *preprocessing.crop;
    for (const auto& [name, order] : channelOrders) {
        if (order == preprocessing.channels && order != ChannelOrder::Rgb) json["channels"] = name;
    }
    if (!preprocessing.mean.empty()) json["mean"] = preprocessing.mean;
    if (!preprocessing.deviation.empty()) json["std"] = preprocessing.deviation;
    if (preprocessing.length) json["length"] = *preprocessing.length;
    if (!preprocessing.label.empty()) json["label"] = preprocessing.label;
    if (!preprocessing.ignored.empty()) json["ignore"] = preprocessing.ignored;
    if (preprocessing.integers) json["integers"] = true;
    return json;
}

} // namespace lathe::recipe
