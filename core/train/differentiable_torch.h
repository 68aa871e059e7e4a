#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include <ATen/core/grad_mode.h>
#include <c10/util/Exception.h>

#include <core/base/result.h>
#include <core/data/dataset.h>
#include <core/graph/graph.h>

namespace lathe::train {

/// What gradients need of a model and its data. Unsupported for a quantized graph, with the message of this code; else as
/// data::checkFit.
[[nodiscard]] base::Result<> checkDifferentiable(const graph::Graph& graph, const data::Dataset& dataset, const char* code);

/// Runs `work` (which returns a Result) with gradients recorded, and turns what torch throws into Failed: "`what`: reason".
template<class Work>
[[nodiscard]] auto differentiated(std::string_view what, Work&& work) -> decltype(work()) {
    const at::AutoGradMode gradients(true);
    try {
        return std::forward<Work>(work)();
    } catch (const c10::Error& error) {
        const std::string message = error.what_without_backtrace();
        return base::failure(base::ErrorCode::Failed, std::string(what) + ": " + message.substr(0, message.find('\n')));
    } catch (const std::exception& error) {
        return base::failure(base::ErrorCode::Failed, std::string(what) + ": " + error.what() + ".");
    }
}

} // namespace lathe::train
