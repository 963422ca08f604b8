// The counter itself, then the test of it: one source, so that it is linked in like any other test.
#include "support/allocations.hpp"

#include <Eigen/Core>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <memory>

#include "catch.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SUREFOOT_SANITIZER_OWNS_MALLOC
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SUREFOOT_SANITIZER_OWNS_MALLOC
#endif
#endif

namespace {

std::atomic<long> count{0};

}  // namespace

long allocations() { return count.load(std::memory_order_relaxed); }

#if defined(__GLIBC__) && !defined(SUREFOOT_SANITIZER_OWNS_MALLOC)

bool allocations_are_counted() { return true; }

// glibc lets a program bring a malloc of its own, and keeps the original under these names. operator new calls malloc,
// so it is counted with the rest. free needs no wrapper: the memory is glibc's.
extern "C" {

// NOLINTBEGIN(bugprone-reserved-identifier): glibc's names
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t items, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
// NOLINTEND(bugprone-reserved-identifier)

void* malloc(std::size_t size) noexcept {
  count.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}

void* calloc(std::size_t items, std::size_t size) noexcept {
  count.fetch_add(1, std::memory_order_relaxed);
  return __libc_calloc(items, size);
}

void* realloc(void* memory, std::size_t size) noexcept {
  count.fetch_add(1, std::memory_order_relaxed);
  return __libc_realloc(memory, size);
}

void* memalign(std::size_t alignment, std::size_t size) noexcept {
  count.fetch_add(1, std::memory_order_relaxed);
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept { return memalign(alignment, size); }

int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  if (alignment == 0 || alignment % sizeof(void*) != 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
  void* const found = memalign(alignment, size);
  if (found == nullptr) return ENOMEM;
  *memory = found;
  return 0;
}

}  // extern "C"

#else

bool allocations_are_counted() { return false; }

#endif

TEST_CASE("an allocation is counted whether it comes from operator new or from Eigen") {
  if (!allocations_are_counted()) return;

  const long at_first = allocations();
  const auto number = std::make_unique<int>(1);
  const long after_new = allocations();
  Eigen::VectorXd vector(100);
  const long after_eigen = allocations();
  vector.setConstant(*number);
  const long after_use = allocations();

  CHECK(after_new == at_first + 1);
  CHECK(after_eigen == after_new + 1);
  CHECK(after_use == after_eigen);
  CHECK(vector.sum() == 100);
}
