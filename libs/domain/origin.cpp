#include "domain/origin.hpp"

#include "domain/codes.hpp"

namespace countersign::domain {

namespace {

// The entry for the pointer or for the nearest pointer above it.
template <typename Map>
typename Map::const_iterator find_nearest(const Map& map, std::string_view pointer) {
  while (true) {
    const auto found = map.find(pointer);
    if (found != map.end() || pointer.empty()) return found;
    const auto slash = pointer.rfind('/');
    pointer = pointer.substr(0, slash == std::string_view::npos ? 0 : slash);
  }
}

std::string list_of(const std::vector<Origin>& origins) {
  std::string text;
  for (const Origin origin : origins) text += (text.empty() ? "" : ", ") + std::string(name_of(origin));
  return text;
}

}  // namespace

Origin origin_at(const OriginMap& origins, std::string_view pointer, Origin otherwise) {
  const auto found = find_nearest(origins, pointer);
  return found == origins.end() ? otherwise : found->second;
}

Origin worst_of(const OriginMap& origins, Origin otherwise) {
  Origin result = otherwise;
  for (const auto& [pointer, origin] : origins) result = worst(result, origin);
  return result;
}

std::vector<base::Refusal> check_origins(const AcceptedOrigins& accepted, const OriginMap& actual) {
  std::vector<base::Refusal> refusals;
  const auto check = [&](const std::string& argument, const std::vector<Origin>& listed, Origin origin) {
    if (std::find(listed.begin(), listed.end(), origin) != listed.end()) return;
    refusals.push_back({std::string(codes::origin_not_accepted),
                        "argument " + argument + " comes from " + std::string(name_of(origin)) + "; accepted: " + list_of(listed)});
  };
  for (const auto& [pointer, origin] : actual) {
    const auto entry = find_nearest(accepted, pointer);
    if (entry == accepted.end())
      refusals.push_back({std::string(codes::origin_not_accepted), "the manifest lists no origins for argument " + pointer});
    else
      check(pointer, entry->second, origin);
    // A source that gives a whole object gives its members too, and what is said about those is not said in vain.
    const std::string below = pointer + "/";
    for (auto inner = accepted.lower_bound(below); inner != accepted.end() && inner->first.starts_with(below); ++inner)
      check(inner->first, inner->second, origin);
  }
  return refusals;
}

}  // namespace countersign::domain
