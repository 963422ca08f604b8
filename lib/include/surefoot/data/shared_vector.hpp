/// A vector whose copies share their elements until one of them is changed: a model carries the encoding of its table, which
/// may have a million columns, and a copy of that would take longer than many a fit.
///
///     SharedVector<Column> a = columns, b = a;      // no element is copied
///     b[0].name = "other";                          // b has elements of its own from here on
///
/// Like a std::vector otherwise, as far as it goes. Access through a const object never copies; through another it copies the
/// elements if they are shared.
#pragma once

#include <atomic>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

namespace surefoot {

template <class T>
class SharedVector {
 public:
  using value_type = T;
  using iterator = typename std::vector<T>::iterator;
  using const_iterator = typename std::vector<T>::const_iterator;

  SharedVector() = default;
  SharedVector(std::vector<T> elements) : elements_(std::make_shared<std::vector<T>>(std::move(elements))) {}
  SharedVector(std::initializer_list<T> elements) : SharedVector(std::vector<T>(elements)) {}

  std::size_t size() const { return elements_ ? elements_->size() : 0; }
  bool empty() const { return size() == 0; }
  const T& operator[](std::size_t i) const { return (*elements_)[i]; }
  const T& at(std::size_t i) const { return all().at(i); }
  const T& front() const { return elements_->front(); }
  const T& back() const { return elements_->back(); }
  const_iterator begin() const { return all().begin(); }
  const_iterator end() const { return all().end(); }

  T& operator[](std::size_t i) { return own()[i]; }
  T& at(std::size_t i) { return own().at(i); }
  T& front() { return own().front(); }
  T& back() { return own().back(); }
  iterator begin() { return own().begin(); }
  iterator end() { return own().end(); }
  void push_back(T element) { own().push_back(std::move(element)); }
  void resize(std::size_t size) { own().resize(size); }
  void reserve(std::size_t size) { own().reserve(size); }
  void clear() { elements_.reset(); }

  /// All of them, to read.
  const std::vector<T>& all() const {
    static const std::vector<T> none;
    return elements_ ? *elements_ : none;
  }

  bool operator==(const SharedVector& other) const { return elements_ == other.elements_ || all() == other.all(); }

 private:
  /// Its own, to change.
  std::vector<T>& own() {
    if (!elements_) {
      elements_ = std::make_shared<std::vector<T>>();
    } else if (elements_.use_count() > 1) {
      elements_ = std::make_shared<std::vector<T>>(*elements_);
    } else {
      // Whoever shared them, maybe in another thread, has read before letting go.
      std::atomic_thread_fence(std::memory_order_acquire);
    }
    return *elements_;
  }

  std::shared_ptr<std::vector<T>> elements_{};  // null: none
};

}  // namespace surefoot
