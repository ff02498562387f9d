#include "postgres/tests/fixture.hpp"

namespace countersign::postgres {
namespace {

using namespace std::chrono_literals;

class ValuesTest : public DatabaseTest {
 protected:
  template <typename T>
  T back(const T& value, const std::string& type) {
    const std::string sql = "SELECT $1::" + type;
    return observer.execute({"echo", sql.c_str()}, Parameters{}.add(value))[0].template get<T>(0);
  }
  template <typename T>
  void expect_arrays(const std::vector<T>& values, const std::string& type) {
    EXPECT_EQ(back(values, type + "[]"), values) << type;
    EXPECT_EQ(back(std::vector<T>{}, type + "[]"), std::vector<T>{}) << type;
    std::vector<std::optional<T>> sparse(values.begin(), values.end());
    sparse.insert(sparse.begin(), std::nullopt);
    sparse.push_back(std::nullopt);
    EXPECT_EQ(back(sparse, type + "[]"), sparse) << type;
    EXPECT_EQ(back(std::optional<std::vector<T>>{values}, type + "[]"), values) << type;
  }
  base::Uuid id = *base::Uuid::parse("018f3c5e-7b1a-7cc3-98c4-dc0c0c07398f");
  base::WallTime moment{std::chrono::microseconds{1'714'557'600'123'456}};
  Bytes bytes{std::string("\0\1\xff\0", 4)};
  std::string umlaut = "Größe \"quoted\", {braces}, \\ and\nlines";
};

TEST_F(ValuesTest, ComeBackAsTheyWent) {
  EXPECT_EQ(back(std::int64_t{INT64_MIN}, "bigint"), INT64_MIN);
  EXPECT_EQ(back(std::int32_t{INT32_MAX}, "integer"), INT32_MAX);
  EXPECT_EQ(back(true, "boolean"), true);
  EXPECT_EQ(back(-0.1, "double precision"), -0.1);
  EXPECT_EQ(back(umlaut, "text"), umlaut);
  EXPECT_EQ(back(std::string{}, "text"), "");
  EXPECT_EQ(back(id, "uuid"), id);
  EXPECT_EQ(back(moment, "timestamptz"), moment);
  EXPECT_EQ(back(base::WallTime::max(), "timestamptz"), base::WallTime::max());
  EXPECT_EQ(back(base::WallTime::min(), "timestamptz"), base::WallTime::min());
  EXPECT_EQ(back(bytes, "bytea"), bytes);
  EXPECT_EQ(back(std::chrono::microseconds{-90'000'000'001}, "interval"), std::chrono::microseconds{-90'000'000'001});
}

TEST_F(ValuesTest, ComeBackAbsent) {
  EXPECT_EQ(back(std::optional<std::int64_t>{}, "bigint"), std::nullopt);
  EXPECT_EQ(back(std::optional<std::string>{}, "text"), std::nullopt);
  EXPECT_EQ(back(std::optional<base::Uuid>{}, "uuid"), std::nullopt);
  EXPECT_EQ(back(std::optional<base::WallTime>{}, "timestamptz"), std::nullopt);
  EXPECT_EQ(back(std::optional<Bytes>{}, "bytea"), std::nullopt);
}

TEST_F(ValuesTest, TravelInArrays) {
  expect_arrays<std::int64_t>({INT64_MAX, 0, -1}, "bigint");
  expect_arrays<std::int32_t>({INT32_MIN, 7}, "integer");
  expect_arrays<bool>({true, false}, "boolean");
  expect_arrays<double>({1.25, -3e300}, "double precision");
  expect_arrays<std::string>({umlaut, "", "NULL"}, "text");
  expect_arrays<base::Uuid>({id, base::Uuid{}}, "uuid");
  expect_arrays<base::WallTime>({moment, base::WallTime{}}, "timestamptz");
  expect_arrays<Bytes>({bytes, Bytes{}}, "bytea");
  expect_arrays<std::chrono::microseconds>({5us, -1h}, "interval");
}

TEST_F(ValuesTest, MeanTheSameToTheServer) {
  const auto parameters = Parameters{}.add(moment).add(id).add(bytes).add(std::chrono::microseconds{1h}).add(umlaut);
  const Rows rows = observer.execute(
      {"as_text", "SELECT $1::timestamptz::text, $2::uuid::text, encode($3::bytea, 'hex'), ($4::interval)::text, length($5::text)"},
      parameters);
  EXPECT_EQ(rows[0].get<std::string>(0), "2024-05-01 10:00:00.123456+00");
  EXPECT_EQ(rows[0].get<std::string>(1), id.str());
  EXPECT_EQ(rows[0].get<std::string>(2), "0001ff00");
  EXPECT_EQ(rows[0].get<std::string>(3), "01:00:00");
  EXPECT_EQ(rows[0].get<std::int64_t>(4), 37);
}

TEST_F(ValuesTest, ReadNarrowerColumns) {
  const Rows rows = observer.execute({"narrow",
                                      "SELECT 1::smallint, 2::integer, 1.5::real, 'v'::varchar, 'n'::name, '{\"a\":1}'::json, "
                                      "'{\"a\": 1}'::jsonb, interval '1 day 1 second', 3::smallint"});
  EXPECT_EQ(rows[0].get<std::int64_t>(0), 1);
  EXPECT_EQ(rows[0].get<std::int64_t>(1), 2);
  EXPECT_EQ(rows[0].get<double>(2), 1.5);
  EXPECT_EQ(rows[0].get<std::string>(3), "v");
  EXPECT_EQ(rows[0].get<std::string>(4), "n");
  EXPECT_EQ(rows[0].get<std::string>(5), "{\"a\":1}");
  EXPECT_EQ(rows[0].get<std::string>(6), "{\"a\": 1}");
  EXPECT_EQ(rows[0].get<std::chrono::microseconds>(7), 24h + 1s);
  EXPECT_EQ(rows[0].get<std::int32_t>(8), 3);
}

TEST_F(ValuesTest, AreRefusedAsTextWithNul) {
  const std::string text("a\0b", 3);
  try {
    back(text, "text");
    FAIL();
  } catch (const base::Rejected& error) {
    EXPECT_EQ(error.code(), "22021");
  }
}

TEST_F(ValuesTest, UnnestABatch) {
  run("CREATE TABLE t (id uuid, n bigint)");
  const Rows rows = observer.execute({"write", "INSERT INTO t SELECT * FROM unnest($1::uuid[], $2::bigint[])"},
                                     Parameters{}.add(std::vector<base::Uuid>{id, base::Uuid{}}).add(std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(rows.affected(), 2);
  EXPECT_TRUE(rows.empty());
}

TEST_F(ValuesTest, EndTheProcessWhenReadAsWhatTheyAreNot) {
  const Rows rows = observer.execute({"wrong", "SELECT 'a'::text, NULL::bigint, 1::bigint"});
  EXPECT_DEATH(rows[0].get<std::int64_t>(0), "cannot hold");
  EXPECT_DEATH(rows[0].get<std::int64_t>(1), "NULL");
  EXPECT_DEATH(rows[0].get<std::int32_t>(2), "cannot hold");
  EXPECT_DEATH(rows[0].get<std::int64_t>(3), "selects");
}

}  // namespace
}  // namespace countersign::postgres
