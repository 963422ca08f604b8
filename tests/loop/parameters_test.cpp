#include "surefoot/loop/parameters.hpp"

#include "catch.hpp"
#include "support/thrown.hpp"

using namespace surefoot;

namespace {

constexpr double not_number = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

struct Thing {
  double share = 0.25;
  int count = 3;
  std::optional<double> limit{};
  std::optional<int> most{};

  template <class Self, class Each>
  static void parameters(Self& self, Each&& each) {
    each("share", self.share, Range::between(0, 1), "a share");
    each("count", self.count, Range::at_least(1), "how many");
    each("limit", self.limit, Range::positive(), "not more than this");
    each("most", self.most, Range::within(0, 10), "at most");
  }
};

}  // namespace

TEST_CASE("a number reads as a person writes it") {
  CHECK(number(0.5) == "0.5");
  CHECK(number(1234567) == "1234567");  // whole numbers in full, up to 1e7
  CHECK(number(12345678) == "1.235e+07");
  CHECK(number(-1e-300) == "-1e-300");
  CHECK(number(not_number) == "NaN");
  CHECK(number(inf) == "Inf");
  CHECK(number(-inf) == "-Inf");
}

TEST_CASE("a range contains its inside, its closed ends, and nothing that is not finite") {
  CHECK(Range::between(0, 1).contains(0.5));
  CHECK_FALSE(Range::between(0, 1).contains(0));
  CHECK_FALSE(Range::between(0, 1).contains(1));
  CHECK(Range::within(0, 1).contains(0));
  CHECK(Range::within(0, 1).contains(1));
  CHECK_FALSE(Range::within(0, 1).contains(1.0000001));
  CHECK(Range::at_least(1).contains(1));
  CHECK_FALSE(Range::at_least(1).contains(0.999));
  CHECK_FALSE(Range::above(1).contains(1));
  CHECK(Range::positive().contains(5e-324));
  CHECK_FALSE(Range::positive().contains(0));
  CHECK_FALSE(Range::positive().contains(-0.0));
  for (const Range& range : {Range{}, Range::positive(), Range::at_least(0), Range::within(-1, 1)}) {
    CHECK_FALSE(range.contains(not_number));
    CHECK_FALSE(range.contains(inf));
    CHECK_FALSE(range.contains(-inf));
  }
  CHECK(Range{}.contains(-1e308));
}

TEST_CASE("a range says what it is") {
  CHECK(Range::between(0, 0.5).text() == "in (0, 0.5)");
  CHECK(Range::within(1, 9).text() == "in [1, 9]");
  CHECK(Range::at_least(1).text() == ">= 1");
  CHECK(Range::above(1).text() == "> 1");
  CHECK(Range::positive().text() == "> 0");
  CHECK(Range{}.text() == "finite");
}

TEST_CASE("what is out of range throws, naming field, value, owner and range") {
  CHECK_NOTHROW(require("thing", "share", 0.5, Range::between(0, 1)));
  CHECK_THROWS_AS(require("thing", "share", 2, Range::between(0, 1)), std::invalid_argument);
  CHECK_THROWS_WITH(require("thing", "share", 2, Range::between(0, 1)),
                    "share = 2 of thing is out of range: it must be in (0, 1)");
  CHECK_THROWS_WITH(require("thing", "share", not_number, Range{}),
                    "share = NaN of thing is out of range: it must be finite");
}

TEST_CASE("validation covers every parameter, and leaves unset ones alone") {
  CHECK_NOTHROW(validate(Thing{}, "thing"));
  CHECK(mentions(thrown([&] { validate(Thing{.share = inf}, "thing"); }), "share = Inf of thing"));
  CHECK(mentions(thrown([&] { validate(Thing{.count = 0}, "thing"); }), "count = 0 of thing"));
  CHECK(mentions(thrown([&] { validate(Thing{.limit = -1.0}, "thing"); }), "limit = -1 of thing"));
  CHECK(mentions(thrown([&] { validate(Thing{.most = 11}, "thing"); }), "most = 11 of thing"));
  CHECK_NOTHROW(validate(Thing{.limit = 1e-9, .most = 10}, "thing"));
}

TEST_CASE("the list of parameters has each by name with its present value, range and meaning") {
  const auto list = list_parameters(Thing{.count = 7, .most = 2});
  REQUIRE(list.size() == 4);
  CHECK(list[0].name == "share");
  CHECK(list[0].value == "0.25");
  CHECK(list[0].range == "in (0, 1)");
  CHECK(list[0].what == "a share");
  CHECK(list[1].value == "7");
  CHECK(list[2].value == "unset");
  CHECK(list[3].value == "2");
}

TEST_CASE("a parameter is set by its name, within its range") {
  Thing thing;
  CHECK(set_parameter(thing, "thing", "share", 0.75));
  CHECK(thing.share == 0.75);
  CHECK(set_parameter(thing, "thing", "count", 12));
  CHECK(thing.count == 12);
  CHECK(set_parameter(thing, "thing", "limit", 2.5));
  CHECK(thing.limit == 2.5);
  CHECK_FALSE(set_parameter(thing, "thing", "colour", 1));
  CHECK(mentions(thrown([&] { set_parameter(thing, "thing", "share", 1); }), "share = 1 of thing"));
  CHECK(thing.share == 0.75);  // and stays as it was
}

TEST_CASE("a whole number is asked for where a fraction makes no sense") {
  Thing thing;
  CHECK_THROWS_WITH(set_parameter(thing, "thing", "count", 2.5), "count = 2.5 of thing must be a whole number");
  CHECK_THROWS_AS(set_parameter(thing, "thing", "count", 1e10), std::invalid_argument);  // no int holds it
  CHECK(thing.count == 3);
}

TEST_CASE("an optional whole number is asked for as a whole number too") {
  Thing thing;
  CHECK_THROWS_AS(set_parameter(thing, "thing", "most", 2.5), std::invalid_argument);
  CHECK_FALSE(thing.most.has_value());
}
