#include <core/formats/archive/pickle_check.h>

#include <gtest/gtest.h>

#include <tests/support/archive_bytes.h>

namespace lathe::formats {
namespace {

using namespace std::string_literals;

base::Result<> check(const std::vector<support::ArchiveEntry>& entries) {
    const std::string archive = support::archiveBytes(entries);
    return checkPickles(archive, checkZip(archive).value());
}

std::string calling(const std::string& module, const std::string& name) { return "\x80\2c" + module + "\n" + name + "\n."; }

TEST(CheckPickles, AllowsWhatPyTorchWritesForTensorsAndNothingElse) {
    for (const auto& [module, name] :
         std::vector<std::pair<std::string, std::string>>{{"torch._utils", "_rebuild_tensor_v2"},
                                                          {"torch", "BFloat16Storage"},
                                                          {"collections", "OrderedDict"},
                                                          {"__torch__", "Net"},
                                                          {"__torch__.torch.nn", "Linear"},
                                                          {"__torch__.torch.classes.quantized", "LinearPackedParamsBase"},
                                                          {"__torch__.torch.classes.quantized", "Conv2dPackedParamsBase"},
                                                          {"__torch__.torch.classes.rnn", "CellParamsBase"},
                                                          {"torch.jit._pickle", "build_intlist"}})
        EXPECT_TRUE(check({{.name = "m/data.pkl", .content = calling(module, name)}})) << module << "." << name;
    for (const auto& [module, name] :
         std::vector<std::pair<std::string, std::string>>{{"os", "system"},
                                                          {"builtins", "eval"},
                                                          {"torch", "load"},
                                                          {"torch.jit._pickle", "eval"},
                                                          {"__torch__x", "Net"},
                                                          {"__torch__.torch.classes.xnnpack", "LinearOpContext"},
                                                          {"__torch__.torch.classes.quantized", "LinearPackedParamsBaseX"},
                                                          {"__torch__", "torch.classes._nnapi.Compilation"},
                                                          {"collections", "Counter"}}) {
        const auto checked = check({{.name = "m/data.pkl", .content = calling(module, name)}});
        ASSERT_FALSE(checked) << module << "." << name;
        EXPECT_EQ(checked.error().message,
                  "holds a pickle (data.pkl) that asks Python to call " + module + "." + name + ", which no weights need.");
    }
}

TEST(CheckPickles, LooksIntoEveryPickle) {
    const std::string evil = calling("os", "system");
    for (const char* name : {"m/data.pkl", "m/constants.pkl", "m/code/__torch__.py.debug_pkl", "m/Attributes.PKL", "m/traced_inputs.pkl"})
        EXPECT_FALSE(check({{.name = "m/version", .content = "3"}, {.name = name, .content = evil, .isDeflated = true}})) << name;
    EXPECT_TRUE(check({{.name = "m/data.txt", .content = evil}}));
}

} // namespace
} // namespace lathe::formats
