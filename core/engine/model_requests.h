#pragma once

#include <map>
#include <memory>
#include <mutex>

#include <core/base/job.h>
#include <core/base/json.h>
#include <core/client/requests.h>
#include <core/engine/stage_cache.h>
#include <core/formats/model_file.h>

namespace lathe::engine {

/// The models that are open, and what each request of the protocol does with them. Thread-safe: requests come from the reading thread and
/// from the threads of the jobs; an open model is never changed, only replaced.
class ModelRequests {
public:
    [[nodiscard]] base::Result<base::Json> hello() const;
    [[nodiscard]] base::Result<base::Json> open(const client::OpenRequest& request, const base::Job& job);
    [[nodiscard]] base::Result<base::Json> close(const client::CloseRequest& request);
    [[nodiscard]] base::Result<base::Json> preview(const client::PreviewRequest& request, const base::Job& job) const;
    [[nodiscard]] base::Result<base::Json> drawing(const client::DrawingRequest& request, const base::Job& job) const;
    [[nodiscard]] base::Result<base::Json> find(const client::FindRequest& request, const base::Job& job) const;
    [[nodiscard]] base::Result<base::Json> weights(const client::WeightsRequest& request, const base::Job& job) const;
    [[nodiscard]] base::Result<base::Json> samples(const client::SamplesRequest& request, const base::Job& job) const;
    [[nodiscard]] base::Result<base::Json> run(const client::RunRequest& request, const base::Job& job) const;
    [[nodiscard]] base::Result<base::Json> measure(const client::MeasureRequest& request, const base::Job& job) const;
    [[nodiscard]] base::Result<base::Json> exportModel(const client::ExportRequest& request, const base::Job& job) const;

private:
    struct OpenModel {
        std::string file;
        formats::OpenedModel model; ///< its graph annotated with shapes where data was given
    };
    [[nodiscard]] base::Result<std::shared_ptr<const OpenModel>> model(client::ModelHandle handle) const;

    /// The graph of an open model after so many steps of a recipe. Errors: of both, Cancelled.
    [[nodiscard]] base::Result<graph::Graph> stage(client::ModelHandle handle, const base::Json& recipe, int step,
                                                   const base::Job& job) const;

    /// What was previewed of a model, shared by all that look at it.
    [[nodiscard]] KnownStages known(client::ModelHandle handle) const;

    mutable StageCache m_stages;
    mutable std::mutex m_mutex; ///< guards what follows
    std::map<client::ModelHandle, std::shared_ptr<const OpenModel>> m_models;
    client::ModelHandle m_lastHandle = 0;
};

} // namespace lathe::engine
