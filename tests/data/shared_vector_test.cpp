#include "surefoot/data/shared_vector.hpp"

#include <string>
#include <utility>

#include "catch.hpp"

using surefoot::SharedVector;

namespace {

/// Counts how often elements are copied.
struct Counted {
  static inline int copies = 0;
  int value = 0;

  Counted() = default;
  Counted(int of) : value(of) {}
  Counted(const Counted& other) : value(other.value) { ++copies; }
  Counted(Counted&&) = default;
  Counted& operator=(const Counted& other) {
    value = other.value;
    ++copies;
    return *this;
  }
  Counted& operator=(Counted&&) = default;
  bool operator==(const Counted& other) const { return value == other.value; }
};

}  // namespace

TEST_CASE("a copy shares its elements, and has its own from the first change on") {
  SharedVector<Counted> a(std::vector<Counted>(100));
  Counted::copies = 0;
  SharedVector<Counted> b = a;
  const SharedVector<Counted>& read = b;
  CHECK(&read[7] == &std::as_const(a)[7]);
  CHECK(read.size() == 100);
  for (const Counted& each : read) CHECK(each.value == 0);
  CHECK(a == b);
  CHECK(Counted::copies == 0);

  b[7].value = 1;
  CHECK(Counted::copies == 100);
  CHECK(a[7].value == 0);
  CHECK(b[7].value == 1);
  CHECK_FALSE(a == b);
  b[8].value = 2;
  a.back().value = 3;
  CHECK(Counted::copies == 100);  // nobody shares them any more
}

TEST_CASE("an empty one can be read and filled, and what a copy gains the other does not") {
  SharedVector<std::string> names;
  CHECK(names.empty());
  CHECK(std::as_const(names).begin() == std::as_const(names).end());
  names.push_back("age");
  SharedVector<std::string> more = names;
  more.push_back("sex");
  more.resize(3);
  CHECK(names == SharedVector<std::string>{"age"});
  CHECK(more == SharedVector<std::string>{"age", "sex", ""});
  CHECK_FALSE(names == more);
  CHECK(more.at(1) == "sex");
  CHECK_THROWS_AS(std::as_const(more).at(3), std::out_of_range);
  more.clear();
  CHECK(more == SharedVector<std::string>{});
  CHECK(names.front() == "age");
}
