#pragma once

namespace lathe::base {

/// Lets this process keep memory that it frees for its next tensors, from then on. Otherwise glibc gives blocks of more than 128 kB (32 MB
/// at most) back to the system at once, and each run of a model pays for new pages: MiniLM's int8 took 587 instead of 362 ms at batch 256,
/// half of a layer's time was page faults. The process stays as large as it ever was. Call it before threads are started.
void keepFreedMemory();

} // namespace lathe::base
