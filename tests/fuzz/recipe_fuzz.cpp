// Recipes come from strangers: whatever the bytes, parse answers with a recipe or a sentence, and a recipe that it accepts survives being
// written.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <core/recipe/recipe.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace lathe;
    const auto recipe = recipe::parse({reinterpret_cast<const char*>(data), size});
    if (!recipe) {
        if (recipe.error().message.empty()) std::abort();
        return 0;
    }
    const auto again = recipe::parse(recipe::write(*recipe));
    if (!again || !(*again == *recipe)) std::abort();
    if (recipe::summary(*recipe).empty()) std::abort();
    (void)recipe::checkLayers(*recipe, {"conv1", "layer1.0.conv2", ""});
    return 0;
}
