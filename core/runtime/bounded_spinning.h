#pragma once

#include <string>

namespace lathe::runtime {

/// Threads of OpenMP that wait for the next parallel part spin, without bound unless GOMP_SPINCOUNT says otherwise: when another program
/// wants the core, a call of 0.1 ms then takes 30. libgomp reads its environment before main(), so every program that links this folder
/// starts itself once more with the bound set, before any library is initialized (bounded_spinning.cpp). A program cannot forget it, and a
/// value that the user has set stays.
///
/// The bound of this process, "10000" unless the user chose another; empty: none, it could not be started again.
[[nodiscard]] std::string spinBound();

} // namespace lathe::runtime
