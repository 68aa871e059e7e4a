#include <core/formats/exported_program/weights.h>

#include <limits>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <tests/core/formats/zip_files.h>

namespace lathe::formats {
namespace {

using base::Json;

Json sizes(const std::vector<std::int64_t>& values) {
    Json list = Json::array();
    for (const std::int64_t value : values)
        list.push_back({{"as_int", value}});
    return list;
}

Json meta(int dtype, const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& strides, std::int64_t offset = 0) {
    return {{"dtype", dtype},
            {"sizes", sizes(shape)},
            {"requires_grad", false},
            {"device", {{"type", "cpu"}, {"index", nullptr}}},
            {"strides", sizes(strides)},
            {"storage_offset", {{"as_int", offset}}},
            {"layout", 7}};
}

std::shared_ptr<const tensor::Storage> floats(const std::vector<float>& values) {
    return tensor::Storage::copyOf(std::as_bytes(std::span(values)));
}

TEST(ViewOfStorage, TakesStridesAndOffset) {
    const auto view = viewOfStorage("w", meta(7, {2, 2}, {1, 2}, 1), floats({9, 1, 2, 3, 4}));
    ASSERT_TRUE(view) << view.error().text();
    EXPECT_EQ(view->toFloats(), (std::vector<float>{1, 3, 2, 4}));
    const auto empty = viewOfStorage("w", meta(7, {0, 3}, {3, 1}), floats({}));
    ASSERT_TRUE(empty) << empty.error().text();
    EXPECT_EQ(empty->elementCount(), 0);
}

TEST(ViewOfStorage, RefusesSizesThatTheBytesDoNotHold) {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    Json sparse = meta(7, {2}, {1}), symbolic = meta(7, {2}, {1});
    sparse["layout"] = 1;
    symbolic["sizes"] = Json::array({{{"as_expr", {{"expr_str", "s0"}}}}});
    const std::vector<std::pair<Json, std::string>> cases{
        {meta(7, {5}, {1}), "needs 20 bytes, but only 16 are stored"},
        {meta(7, {2}, {1}, 3), "needs 20 bytes, but only 16 are stored"},
        {meta(7, {2, 2}, {3, 1}), "needs 20 bytes, but only 16 are stored"},
        {meta(7, {most, most}, {most, 1}), "impossible size"},
        {meta(7, {2}, {most}), "impossible size"},
        {meta(7, {2}, {1}, most), "impossible size"},
        {meta(7, {1 << 30}, {0}), "impossible size"},
        {meta(7, {-1}, {1}), "not between 0 and"},
        {meta(7, {2}, {-1}), "not between 0 and"},
        {meta(7, {2, 1}, {1}), "not as many strides as dimensions"},
        {meta(10, {2}, {1}), "type that cannot be used (number 10)"},
        {sparse, "sparse"},
        {symbolic, "lacks \"as_int\""},
        {Json::object(), "lacks \"dtype\""},
        {Json(nullptr), "is not an object"},
    };
    for (const auto& [description, words] : cases) {
        const auto view = viewOfStorage("fc.weight", description, floats({1, 2, 3, 4}));
        ASSERT_FALSE(view) << words;
        EXPECT_EQ(view.error().code, base::ErrorCode::Rejected);
        EXPECT_NE(view.error().message.text().find(words), std::string::npos) << view.error().message;
        EXPECT_TRUE(view.error().message.text().starts_with("\"fc.weight\"")) << view.error().message;
    }
}

class WeightsOfArchive : public testing::Test {
protected:
    base::Result<ExportedWeights> read(const Json& weights, const Json& constants = Json::object()) {
        const auto file = m_folder.path() / "x.pt2";
        support::writeZip(file, {{"m/data/weights/weight_0", std::string(16, '\0')},
                                 {"m/data/weights/model_weights_config.json", Json{{"config", weights}}.dump()},
                                 {"m/data/constants/model_constants_config.json", Json{{"config", constants}}.dump()}});
        const auto archive = ModelArchive::open(file);
        EXPECT_TRUE(archive);
        return readExportedWeights(*archive, "model");
    }
    static Json payload(const std::string& path, bool isPickled = false) {
        return {{"path_name", path}, {"is_param", true}, {"use_pickle", isPickled}, {"tensor_meta", meta(7, {4}, {1})}};
    }
    base::TemporaryFolder m_folder;
};

TEST_F(WeightsOfArchive, WeightsOfOneEntryShareIt) {
    const auto weights = read({{"a", payload("weight_0")}, {"b", payload("weight_0")}});
    ASSERT_TRUE(weights) << weights.error().text();
    EXPECT_EQ(weights->at("a").storage(), weights->at("b").storage());
}

TEST_F(WeightsOfArchive, RefusesPicklesByName) {
    const auto weights = read({{"fc.weight", payload("weight_0", true)}});
    ASSERT_FALSE(weights);
    EXPECT_EQ(weights.error().message,
              "\"fc.weight\" is stored as a Python pickle, which could run any code when it is loaded (CVE-2026-4538).");
}

TEST_F(WeightsOfArchive, NamesWhatIsMissingOrDouble) {
    EXPECT_NE(read({{"fc.weight", payload("weight_9")}}).error().message.text().find("\"fc.weight\" is missing"), std::string::npos);
    const Json constants{{"fc.weight", payload("../weights/weight_0")}};
    EXPECT_FALSE(read(Json::object(), constants));
    EXPECT_NE(read(Json::array()).error().message.text().find("does not list the weights"), std::string::npos);
    const auto file = m_folder.path() / "y.pt2";
    support::writeZip(file, {{"m/models/model.json", "{}"}});
    const auto archive = ModelArchive::open(file);
    ASSERT_TRUE(archive);
    EXPECT_NE(readExportedWeights(*archive, "model").error().message.text().find("pickled them"), std::string::npos);
}

} // namespace
} // namespace lathe::formats
