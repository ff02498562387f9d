#pragma once

// ApprovalKeys: what the executor signs its requests with, and whose countersignatures it believes. Both come from files and from nowhere
// else, so that neither a table nor a topic can add a key.
//
// Threads    Immutable; any thread.

#include <string>

#include "base/result.hpp"
#include "crypto/jwk.hpp"

namespace countersign::executor {

struct ApprovalKeys {
  crypto::SigningKey signer;
  crypto::KeySet anchors;
  std::string environment;  // the deployment's name
};

// Refuses as crypto/jwk.hpp does, and with key_malformed for anchors without a key.
base::Result<crypto::SigningKey> read_signer(const std::string& path);
base::Result<crypto::KeySet> read_anchors(const std::string& path);
// Throws base::Misconfigured.
ApprovalKeys read_approval_keys(const std::string& signing_key_file, const std::string& anchors_file, std::string environment);

}  // namespace countersign::executor
