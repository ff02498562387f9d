// What a digest covers: held to the examples, byte for byte, and to every member.

#include "contracts/action.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "contracts/approval_messages.hpp"
#include "contracts/canonical_json.hpp"
#include "contracts/codec.hpp"

namespace countersign::contracts {
namespace {

using nlohmann::json;

json example(const std::string& name) {
  std::ifstream file(COUNTERSIGN_SOURCE_DIR "/schemas/messages/examples/referral.approval.v1/valid/" + name + ".json");
  return json::parse(file);
}

ShownApproval shown_of(const json& data) { return std::get<ReferralApproval>(decode_value(types::referral_approval, data).value()).shown; }

class DigestTexts : public testing::TestWithParam<const char*> {
 protected:
  const json data = example(GetParam());
  const ShownApproval shown = shown_of(data);
};

TEST_P(DigestTexts, OfActionAndRequirementAreTheirCanonicalJson) {
  EXPECT_EQ(action_text(shown.action), *canonical_json(data["action"]));
  EXPECT_EQ(requirement_text(shown.requirement), *canonical_json(data["requirement"]));
  EXPECT_EQ(decode_action(action_text(shown.action)).value(), shown.action);
  EXPECT_EQ(decode_requirement(requirement_text(shown.requirement)).value(), shown.requirement);
}

TEST_P(DigestTexts, OfWhatIsShownIsTheReferralWithoutTheRequest) {
  json without = data;
  without.erase("request");
  EXPECT_EQ(shown_text(shown), *canonical_json(without));
}

INSTANTIATE_TEST_SUITE_P(Examples, DigestTexts, testing::Values("refund_with_everything", "bare"),
                         [](const auto& test) { return std::string(test.param); });

TEST(EvidenceText, IsAllButTheDigest) {
  const json data = example("refund_with_everything");
  json evidence = data["evidence"][0];
  evidence.erase("digest");
  EXPECT_EQ(evidence_text(shown_of(data).evidence[0]), *canonical_json(evidence));
}

TEST(PreviewText, IsBeforeAfterAndNote) {
  const json data = example("refund_with_everything");
  json preview = data["preview"];
  preview.erase("digest");
  preview.erase("drift_digest");
  EXPECT_EQ(preview_text(*shown_of(data).preview), *canonical_json(preview));
}

// Every leaf of a referral counts: what differs in one of them has another text.
void expect_text_tells(const json& data, json::json_pointer at, const std::string& text) {
  if (at.to_string() == "/request") return;
  const json& place = data.at(at);
  if (place.is_structured() && !place.empty()) {
    for (const auto& [name, member] : place.items()) expect_text_tells(data, place.is_array() ? at / std::stoul(name) : at / name, text);
    return;
  }
  for (const json& other :
       {json("2024-05-01T10:00:01Z"), json(77), json(std::string(64, 'f')), json("018f2f5e-7b7a-7c00-8000-0123456789ff"), json("other"),
        json("other@1"), json("refused"), json("USD"), json("failed"), json(5), json(true), json(false)}) {
    json changed = data;
    changed.at(at) = other;
    const auto decoded = decode_value(types::referral_approval, changed);
    if (!decoded || other == place) continue;
    EXPECT_NE(shown_text(std::get<ReferralApproval>(*decoded).shown), text) << at.to_string();
  }
}

TEST(ShownText, TellsEveryDifference) {
  const json data = example("refund_with_everything");
  expect_text_tells(data, json::json_pointer(), shown_text(shown_of(data)));
}

TEST(ActionText, LeavesOutWhatThisBuildCannotRead) {
  json action = example("bare")["action"];
  const std::string text = action_text(decode_action(action.dump()).value());
  action["more"] = "that nobody here understands";
  EXPECT_EQ(action_text(decode_action(action.dump()).value()), text);
  EXPECT_NE(*canonical_json(action), text);  // so that its digest, made elsewhere, is not ours
}

TEST(RequirementText, CannotSayStages) {
  json requirement = example("bare")["requirement"];
  requirement["stages"] = {"finance"};
  EXPECT_FALSE(decode_requirement(requirement.dump()));
}

}  // namespace
}  // namespace countersign::contracts
