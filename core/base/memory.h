#pragma once

#include <cstddef>
#include <span>

namespace lathe::base {

/// Lets this process keep memory that it frees for its next tensors, from then on. Otherwise glibc gives blocks of more than 128 kB (32 MB
/// at most) back to the system at once, and each run of a model pays for new pages: MiniLM's int8 took 587 instead of 362 ms at batch 256,
/// half of a layer's time was page faults. The process stays as large as it ever was. Call it before threads are started.
void keepFreedMemory();

/// Tells of a file that is mapped into memory to be read only, and that it is not any more. From any thread.
void noteMapped(std::span<const std::byte> memory);
void noteUnmapped(std::span<const std::byte> memory);
/// Gives back the pages that lie wholly within these bytes, where they are those of such a file: who reads them next gets them from the
/// file again. Other bytes stay as they are. From any thread.
void letGo(std::span<const std::byte> bytes);

} // namespace lathe::base
