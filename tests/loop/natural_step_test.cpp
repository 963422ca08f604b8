#include "surefoot/loop/natural_step.hpp"

#include "catch.hpp"

using namespace surefoot;

TEST_CASE("a natural step is proposed as it is while nothing was learnt of it") {
  NaturalStep natural;
  CHECK_FALSE(natural.known());
  CHECK(natural.first(1, 2, false) == 1);
  CHECK(natural.known());
}

TEST_CASE("first tries that end twice in a row with much slope left are stretched to 2, then 4, and no further") {
  NaturalStep natural;
  std::vector<double> first;
  for (int ray = 0; ray < 6; ++ray) {
    first.push_back(natural.first(1, 1, false));
    natural.taken(first.back(), 0.3, true, false);
  }
  CHECK(first == std::vector<double>{1, 1, 2, 4, 4, 4});
  natural.taken(4, 0.05, true, false);  // that one was long enough
  CHECK(natural.first(1, 1, false) == 1);
}

TEST_CASE("a step that was not the first try, or began at an inferred point, says nothing of the stretch") {
  for (const bool inferred : {true, false}) {
    NaturalStep natural;
    for (int ray = 0; ray < 5; ++ray) {
      CHECK(natural.first(1, 1, false) == 1);
      natural.taken(1, 0.5, inferred, inferred);
    }
  }
  NaturalStep natural;
  for (int ray = 0; ray < 3; ++ray) natural.taken(natural.first(1, 1, false), 0.5, true, false);
  CHECK(natural.first(1, 1, true) == 1);  // and a ray from an inferred point is not stretched
}

TEST_CASE("no first try is longer than ten times the last step, or twice after an edge, from where it grows back") {
  NaturalStep natural;
  natural.first(1, 1, false);
  natural.taken(0.01, 0, true, false);
  CHECK(natural.first(1, 1, false) == Approx(0.1));
  CHECK(natural.first(1, 4, false) == Approx(0.025));  // a length, whatever |d|
  natural.not_finite();
  natural.taken(0.01, 0, true, false);
  for (const double reach : {2.0, 3.0, 4.5, 6.75, 10.0, 10.0}) {
    CHECK(natural.first(1, 1, false) == Approx(reach * 0.01));
    natural.taken(0.01, 0, true, false);
  }
}

TEST_CASE("where a direction has lost its own step, the next goes as far as the last did") {
  NaturalStep natural;
  CHECK(std::isnan(natural.first(not_a_number, 3, false)));  // it never had one
  natural.taken(6, 0, true, false);
  CHECK(std::isnan(natural.first(not_a_number, 3, false)));
  natural.first(1, 1, false);
  natural.taken(6, 0, true, false);
  CHECK(natural.first(not_a_number, 3, false) == 2);
  natural.shrink(0.5);  // after a rollback half as far
  CHECK(natural.first(not_a_number, 3, false) == 1);
}

TEST_CASE("how a first try was chosen is told: natural, stretched, or held within reach") {
  NaturalStep natural;
  natural.first(1, 1, false);
  CHECK(natural.why() == Cause::natural);
  natural.taken(1, 0.5, true, false);
  natural.first(1, 1, false);
  natural.taken(1, 0.5, true, false);
  CHECK(natural.first(1, 1, false) == 2);
  CHECK(natural.why() == Cause::stretched);
  natural.taken(0.001, 0, false, false);
  CHECK(natural.first(1, 1, false) == Approx(0.01));
  CHECK(natural.why() == Cause::reach);
}
