/// Numbers that end where the process's memory ends: whoever reads or writes beyond them is killed by a fault at once, in
/// any build, by vector instructions too (which AddressSanitizer doesn't see).
///
///   Guarded<double> row(13, not_a_number);
///   row[0] = 1;  kernel(row.data(), …);
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <new>

namespace surefoot::test {

template <class Value>
class Guarded {
 public:
  Guarded(std::ptrdiff_t size, Value value) : size_(size) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t bytes = static_cast<std::size_t>(size) * sizeof(Value), room = (bytes + page - 1) / page * page;
    mapped_ = room + page;
    memory_ = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory_ == MAP_FAILED) throw std::bad_alloc();
    auto* const end = static_cast<std::byte*>(memory_) + room;
    if (mprotect(end, page, PROT_NONE) != 0) throw std::bad_alloc();
    first_ = reinterpret_cast<Value*>(end) - size;
    fill(value);
  }
  ~Guarded() { munmap(memory_, mapped_); }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  Value* data() { return first_; }
  const Value* data() const { return first_; }
  Value& operator[](std::ptrdiff_t i) { return first_[i]; }
  const Value& operator[](std::ptrdiff_t i) const { return first_[i]; }
  std::ptrdiff_t size() const { return size_; }
  Value* begin() { return first_; }
  Value* end() { return first_ + size_; }
  const Value* begin() const { return first_; }
  const Value* end() const { return first_ + size_; }
  void fill(Value value) { std::fill(begin(), end(), value); }

 private:
  std::ptrdiff_t size_;
  std::size_t mapped_ = 0;
  void* memory_ = nullptr;
  Value* first_ = nullptr;
};

}  // namespace surefoot::test
