#include "sandbox/record_book.hpp"

#include <nlohmann/json.hpp>

#include "sandbox/render.hpp"

namespace countersign::sandbox {

using nlohmann::json;

void raise_version(json& record) {
  const auto known = record.find("version");
  const bool numbered = known != record.end() && known->is_number_integer();
  record["version"] = (numbered ? known->get<std::int64_t>() : 1) + 1;
}

base::Result<void> RecordBook::put(const std::string& collection, const json& record) {
  auto id = read_string(record, "id");
  if (!id) return tl::unexpected(id.error());
  collections_[collection].insert_or_assign(*std::move(id), to_text(record));
  return {};
}

const std::string* RecordBook::find(std::string_view collection, std::string_view id) const {
  const auto records = collections_.find(collection);
  if (records == collections_.end()) return nullptr;
  const auto found = records->second.find(id);
  return found == records->second.end() ? nullptr : &found->second;
}

base::Result<void> RecordBook::change(const std::string& collection, const std::string& id, const json& patch) {
  const auto* text = find(collection, id);
  if (text == nullptr) return base::refuse("unknown_record", "there is no " + collection + "/" + id);
  auto record = json::parse(*text);
  record.merge_patch(patch);
  raise_version(record);
  record["id"] = id;
  return put(collection, record);
}

const Deed& RecordBook::note_deed(Deed deed) { return deeds_.emplace_back(std::move(deed)); }

std::vector<const Deed*> RecordBook::deeds_on(std::string_view collection, std::string_view record, std::string_view noun,
                                              std::string_view key) const {
  std::vector<const Deed*> found;
  for (const auto& deed : deeds_)
    if (deed.collection == collection && deed.record == record && deed.noun == noun && (key.empty() || deed.key == key))
      found.push_back(&deed);
  return found;
}

}  // namespace countersign::sandbox
