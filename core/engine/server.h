#pragma once

namespace lathe::engine {

/// Serves the protocol (PROTOCOL.md) from one descriptor to another until the input ends, `shutdown` is asked for, or the stream is damaged
/// beyond the next message. Jobs run one at a time on a thread of their own, looks (preview, drawing, find, …) on another; the calling
/// thread only reads, cancels and closes. Running jobs and looks are cancelled at the end. Returns the exit code: 0, or 1 when the input
/// could not be read or the output not be written.
[[nodiscard]] int serve(int inputDescriptor, int outputDescriptor);

} // namespace lathe::engine
