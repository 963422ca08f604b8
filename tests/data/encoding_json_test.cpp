#include "data/encoding_json.hpp"

#include "catch.hpp"
#include "data/reading.hpp"

using namespace surefoot;
using namespace surefoot::test;

namespace {

/// Through the bytes of a file, as a model goes.
Encoding written_and_read(const Encoding& encoding) {
  return nlohmann::json::parse(nlohmann::json(encoding).dump()).get<Encoding>();
}

}  // namespace

TEST_CASE("a table's encoding comes back from JSON as it was") {
  const Table table = read_text("kind,n,t,free,gone\na,0.1,x,1,\nb,3e-310,\"say \"\"caf\xE9\"\"\",2,\nc,1e308,,3,\n",
                                {.target = "kind", .drop = {"free"}});
  CHECK(written_and_read(table.encoding) == table.encoding);
  const Table without_header = read_text("1,2,3\n4,5,7\n", {.target = "2"});
  CHECK(written_and_read(without_header.encoding) == without_header.encoding);
}

TEST_CASE("a LIBSVM encoding that comes back encodes as it did") {
  const Table table = read_text("1 0:1 2:2 3:4\n2 1:4\n", {.drop = {"2"}});
  const Encoding back = written_and_read(table.encoding);
  CHECK(back.features == table.encoding.features);
  CHECK(back.index_base == 0);
  CHECK(back.target_name == "label");
  const std::string text = "5 0:1 1:2 2:3 3:4 9:5\n";
  CHECK(rows_of(read_text(text, back)) == Rows{{1, 2, 4}});
}

TEST_CASE("an encoding in JSON that does not hold together is refused") {
  const nlohmann::json good = read_text("y,n,t\n1,2,a\n2,3,b\n", {.target = "y"}).encoding;
  CHECK_NOTHROW(good.get<Encoding>());
  const auto spoilt = [&](const char* pointer, const nlohmann::json& value) {
    nlohmann::json json = good;
    json[nlohmann::json::json_pointer(pointer)] = value;
    return json;
  };
  CHECK_THROWS_AS(spoilt("/target_index", 4).get<Encoding>(), std::invalid_argument);
  CHECK_THROWS_AS(spoilt("/target_index", -1).get<Encoding>(), std::invalid_argument);
  CHECK_THROWS_AS(spoilt("/columns/1/kind", "date").get<Encoding>(), std::invalid_argument);
  CHECK_THROWS_AS(spoilt("/columns", nlohmann::json::array()).get<Encoding>(), std::invalid_argument);
  CHECK_THROWS_AS(spoilt("/columns/1/mean", "x").get<Encoding>(), nlohmann::json::exception);
  CHECK_THROWS_AS(nlohmann::json::object().get<Encoding>(), nlohmann::json::exception);
}
