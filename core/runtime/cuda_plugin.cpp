#include <core/runtime/cuda_plugin.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <optional>

#include <dlfcn.h>

namespace lathe::runtime {

namespace {

std::atomic<const LatheCudaPlugin*> loadedPlugin = nullptr;

base::Result<> load() {
    namespace fs = std::filesystem;
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
    for (const fs::path& folder : {program, program.parent_path() / "lib"}) {
        const fs::path file = folder / "liblathe_cuda.so";
        if (!fs::exists(file, error)) continue;
        // Global, because PyTorch's CUDA libraries look for one another's symbols.
        void* library = dlopen(file.c_str(), RTLD_LAZY | RTLD_GLOBAL);
        if (!library)
            return base::failure(base::ErrorCode::DeviceUnavailable,
                                 {"device.pluginCannotBeLoaded", {{"file", file.string()}, {"reason", dlerror()}}});
        const auto entry = reinterpret_cast<decltype(&latheCudaPlugin)>(dlsym(library, "latheCudaPlugin"));
        const LatheCudaPlugin* plugin = entry ? entry() : nullptr;
        if (!plugin || plugin->version != latheCudaVersion)
            return base::failure(base::ErrorCode::DeviceUnavailable, {"device.pluginIsOfOtherVersion", {{"file", file.string()}}});
        loadedPlugin = plugin;
        return {};
    }
    return base::failure(base::ErrorCode::DeviceUnavailable, {"device.noPlugin", {}});
}

} // namespace

base::Result<> loadCudaPlugin() {
    static std::mutex mutex;
    static std::optional<base::Result<>> result;
    const std::lock_guard lock(mutex);
    if (!result) result = load();
    return *result;
}

const LatheCudaPlugin* cudaPlugin() { return loadedPlugin; }

} // namespace lathe::runtime
