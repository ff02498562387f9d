#include <array>
#include <cstdlib>
#include <cstring>

#include "base/mutation.hpp"

namespace countersign::base {

namespace {

constexpr std::array names{
    "no_fence",         "record_before_calling",   "publish_before_commit", "delete_outbox_early",         "believe_commit_in_doubt",
    "ignore_sequences", "expired_effect_to_ready", "drop_stopping",         "reuse_connection_for_effects"};

// Its place in `names`; past the end when the environment names none of them.
std::size_t read_environment() {
  const char* wish = std::getenv("COUNTERSIGN_MUTATION");
  std::size_t place = 0;
  while (place < names.size() && (wish == nullptr || std::strcmp(wish, names[place]) != 0)) ++place;
  return place;
}

}  // namespace

inline namespace armed {
bool mutated(Mutation mutation) noexcept {
  static const std::size_t chosen = read_environment();
  return chosen == static_cast<std::size_t>(mutation);
}
}  // namespace armed

}  // namespace countersign::base
