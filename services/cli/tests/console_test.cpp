#include "cli/console.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace countersign::cli {
namespace {

TEST(ConsoleTest, ShowsNothingThatATerminalWouldObey) {
  EXPECT_EQ(shown("a\x1b[2Jb\r\nc\x7f"), "a [2Jb  c ");
  EXPECT_EQ(shown("a\xc2\x9b"
                  "2Jb"),
            "a 2Jb")
      << "U+009B opens a command as ESC [ does";
  EXPECT_EQ(shown({"x\x1b", "\xc2\x85"}), "x   ");
  EXPECT_EQ(shown("pay \xe2\x80\xae"
                  "00.1 EUR\xe2\x81\xa6 now\xd8\x9c"),
            "pay  00.1 EUR  now ")
      << "marks that turn the direction of writing";
}

TEST(ConsoleTest, CountsInWords) {
  EXPECT_EQ(count_of(1, "line"), "1 line");
  EXPECT_EQ(count_of(0, "line"), "0 lines");
  EXPECT_EQ(count_of(2, "delivery", "deliveries"), "2 deliveries");
}

TEST(ConsoleTest, LeavesLettersOfEveryScriptAlone) {
  EXPECT_EQ(shown("Größe \xc2\xa3 5, \xe2\x82\xac 6, \xd7\x9b"), "Größe \xc2\xa3 5, \xe2\x82\xac 6, \xd7\x9b");
}

}  // namespace
}  // namespace countersign::cli
