/// Work shared among threads (Intel's TBB), so that the result depends on the number of pieces only, never on which
/// thread took which: each piece writes to a place of its own, and whoever called adds them up in their order.
///
///   for_each_piece(threads, pieces, [&](Index piece) { … });
#pragma once

#include <cstddef>
#include <type_traits>

namespace surefoot::passes {

using Piece = void (*)(void* work, std::ptrdiff_t piece);

/// Calls piece(work, 0 … pieces − 1), each once, on up to `threads` threads, and returns when all are done. An exception
/// of a piece is thrown on.
void run_pieces(int threads, std::ptrdiff_t pieces, Piece piece, void* work);

/// The processors that this process may use.
int available_threads();

template <class Work>
void for_each_piece(int threads, std::ptrdiff_t pieces, Work&& work) {
  if (threads <= 1 || pieces <= 1) {
    for (std::ptrdiff_t i = 0; i < pieces; ++i) work(i);
    return;
  }
  using Bare = std::remove_reference_t<Work>;
  const Piece piece = [](void* what, std::ptrdiff_t i) { (*static_cast<Bare*>(what))(i); };
  run_pieces(threads, pieces, piece, const_cast<std::remove_const_t<Bare>*>(&work));  // cast back above
}

}  // namespace surefoot::passes
