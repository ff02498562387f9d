#include "executor/approval_keys.hpp"

#include "base/errors.hpp"

namespace countersign::executor {

namespace {

template <typename T>
T get(base::Result<T> read, const std::string& path) {
  if (!read) throw base::Misconfigured(path + ": " + read.error().detail);
  return std::move(*read);
}

}  // namespace

base::Result<crypto::SigningKey> read_signer(const std::string& path) { return crypto::read_signing_key_file(path); }

base::Result<crypto::KeySet> read_anchors(const std::string& path) {
  return crypto::read_key_set_file(path).and_then([](crypto::KeySet&& keys) -> base::Result<crypto::KeySet> {
    if (keys.empty()) return base::refuse("key_malformed", "it has no key, so that no countersignature would ever be believed");
    return std::move(keys);
  });
}

ApprovalKeys read_approval_keys(const std::string& signing_key_file, const std::string& anchors_file, std::string environment) {
  return {get(read_signer(signing_key_file), signing_key_file), get(read_anchors(anchors_file), anchors_file), std::move(environment)};
}

}  // namespace countersign::executor
