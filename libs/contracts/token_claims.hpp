#pragma once

// The four tokens of an approval: what their payloads say, as structs.
//
//     RequestClaims            executor → approval     "show people exactly this"
//     DecisionClaims           a person → approval     "I approve, deny, want changes"
//     CountersignatureClaims   approval → executor     "people agreed to exactly this; run it once"
//     ChangeClaims             a person → approval     "I vouch for this document about people"
//
// A payload has exactly the claims of its kind. A claim that nobody here knows might restrict what the others say, so it is refused, not
// ignored; so is a claim that is there twice.
//
// Not ours   Signature, key and header: crypto/jws.hpp. Whether issuer, subject, nonce, jti and digests are the expected ones: services.
// Failure    Decoders refuse with claim_unknown, member_missing, member_invalid, or what guarded_json.hpp refuses.
//            check_times and check_audience refuse with token_not_yet_valid, token_expired, token_lives_too_long, token_audience_wrong.
// Threads    Any thread.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"

namespace countersign::contracts {

namespace token_types {
inline constexpr std::string_view request = "approval-request+jwt";
inline constexpr std::string_view decision = "decision+jwt";
inline constexpr std::string_view countersignature = "countersignature+jwt";
inline constexpr std::string_view change = "change+jwt";
}  // namespace token_types

// What `iss` says where a person signed for themselves.
inline constexpr std::string_view person_issuer = "person";

struct RequestClaims {
  std::string issuer = "executor";
  std::string audience = "approval";
  std::string environment{};
  std::string tenant{};
  base::Uuid approval_id{};
  std::string action_digest{};
  std::string requirement_digest{};
  std::string shown_digest{};
  std::int64_t issued_at = 0;  // seconds since 1970, as all times here
  friend bool operator==(const RequestClaims&, const RequestClaims&) = default;
};

struct DecisionClaims {
  std::string issuer{};    // "person", or the name of an issuer
  std::string subject{};   // the person's name, or the subject by which the issuer knows the person
  std::string audience{};  // decision_audience()
  std::string tenant{};
  base::Uuid approval_id{};
  std::string action_digest{};
  std::string verb{};                   // approve | deny | request_changes
  std::optional<std::string> reason{};  // at most 2000 characters; present for deny and request_changes
  std::string nonce{};                  // 16 to 64 of A-Z a-z 0-9 - _
  std::int64_t issued_at = 0;
  std::int64_t expires_at = 0;
  friend bool operator==(const DecisionClaims&, const DecisionClaims&) = default;
};

struct CountersignedDecision {
  std::string person{};
  std::vector<std::string> roles{};
  std::string decision{};  // SHA-256 of the decision's JWS text
  friend bool operator==(const CountersignedDecision&, const CountersignedDecision&) = default;
};

struct CountersignatureClaims {
  std::string issuer = "approval";
  std::string audience{};  // countersignature_audience()
  std::string tenant{};
  std::string jti{};  // 16 to 64 of A-Z a-z 0-9 - _
  std::int64_t issued_at = 0;
  std::int64_t expires_at = 0;
  base::Uuid approval_id{};
  std::string action_digest{};
  std::string requirement_digest{};
  std::vector<CountersignedDecision> decisions{};  // 1 to 20
  friend bool operator==(const CountersignatureClaims&, const CountersignatureClaims&) = default;
};

struct ChangeClaims {
  std::string issuer = std::string(person_issuer);
  std::string subject{};   // the signing person's name
  std::string audience{};  // decision_audience()
  std::string tenant{};
  std::string kind{};  // person | issuer
  std::string name{};
  std::int64_t version = 0;
  std::string digest{};  // of the document
  std::int64_t issued_at = 0;
  friend bool operator==(const ChangeClaims&, const ChangeClaims&) = default;
};

// Canonical JSON, ready to be signed.
std::string encode(const RequestClaims& claims);
std::string encode(const DecisionClaims& claims);
std::string encode(const CountersignatureClaims& claims);
std::string encode(const ChangeClaims& claims);

base::Result<RequestClaims> decode_request_claims(std::string_view payload);
base::Result<DecisionClaims> decode_decision_claims(std::string_view payload);
base::Result<CountersignatureClaims> decode_countersignature_claims(std::string_view payload);
base::Result<ChangeClaims> decode_change_claims(std::string_view payload);

std::string decision_audience(std::string_view environment);          // "countersign/demo"; of changes too
std::string countersignature_audience(std::string_view environment);  // "executor/demo"

base::Result<void> check_audience(std::string_view audience, std::string_view expected);

// How far the clocks of signer and reader may differ.
inline constexpr std::chrono::seconds clock_skew{60};
inline constexpr std::chrono::seconds longest_decision{600};

// Issued at most `clock_skew` ahead of `now`, expired at most `clock_skew` ago, and expiring at most `longest` after it was issued.
base::Result<void> check_times(std::int64_t issued_at, std::int64_t expires_at, base::WallTime now, std::chrono::seconds longest);
// A token without an end: only that it was not issued in the future.
base::Result<void> check_issued(std::int64_t issued_at, base::WallTime now);

}  // namespace countersign::contracts
