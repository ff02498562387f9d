#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "executor/approval_drafter.hpp"

namespace countersign::executor {
namespace {

GateVerdict verdict_with_letter() {
  GateVerdict verdict;
  verdict.letter =
      Letter{"email", "support", "ada@customers.example", "Your refund", "We have paid 19.00 EUR back.", std::nullopt, "refund-done@1"};
  return verdict;
}

TEST(LetterPreviewTest, ShowsPeopleTheLetterWordForWord) {
  const auto preview = letter_preview(verdict_with_letter());
  ASSERT_TRUE(preview);
  EXPECT_EQ(preview->after.value().at("text"), "We have paid 19.00 EUR back.");
  EXPECT_EQ(preview->after.value().at("to"), "ada@customers.example");
  EXPECT_FALSE(preview->after.value().contains("html"));
}

TEST(LetterPreviewTest, BindsEveryWordOfIt) {
  const auto digest = preview_digest(*letter_preview(verdict_with_letter()));
  auto changed = verdict_with_letter();
  changed.letter->text = "We have paid 91.00 EUR back.";
  EXPECT_NE(preview_digest(*letter_preview(changed)), digest);
  changed = verdict_with_letter();
  changed.letter->html = "<p>We have paid 19.00 EUR back.</p>";
  EXPECT_NE(preview_digest(*letter_preview(changed)), digest);
}

TEST(LetterPreviewTest, IsNoneForOtherTools) { EXPECT_FALSE(letter_preview(GateVerdict{})); }

}  // namespace
}  // namespace countersign::executor
