#include "pipeline/outbox_rows.hpp"

#include "contracts/headers_json.hpp"
#include "pipeline/packed_headers.hpp"

namespace countersign::pipeline {

using postgres::Bytes;

std::optional<Outgoing> read_outbox_row(const postgres::Row& row) {
  Outgoing outgoing;
  outgoing.id = row.get<base::Uuid>(0);
  outgoing.topic = row.get<std::string>(1);
  outgoing.key = row.get<std::string>(2);
  outgoing.type = row.get<std::string>(3);
  outgoing.sequence = row.get<std::int64_t>(4);
  if (const auto payload = row.get<std::optional<Bytes>>(5)) outgoing.payload = payload->value;
  if (const auto raw_headers = row.get<std::optional<Bytes>>(9)) {
    outgoing.raw = true;
    auto unpacked = unpack_headers(raw_headers->value);
    if (!unpacked) return std::nullopt;
    outgoing.headers = std::move(*unpacked);
    if (const auto raw_key = row.get<std::optional<Bytes>>(8)) outgoing.raw_key = raw_key->value;
    return outgoing;
  }
  const auto names = row.get<std::vector<std::string>>(6);
  const auto values = row.get<std::vector<std::string>>(7);
  for (std::size_t i = 0; i < names.size(); ++i) outgoing.headers.emplace_back(names[i], values[i]);
  return outgoing;
}

postgres::Parameters outbox_parameters(const base::Uuid& incarnation, const std::vector<Outgoing>& outgoing) {
  std::vector<base::Uuid> ids;
  std::vector<std::string> topics, keys, types, headers;
  std::vector<std::int64_t> sequences;
  std::vector<std::optional<Bytes>> payloads, raw_keys, raw_headers;
  for (const auto& one : outgoing) {
    ids.push_back(one.id);
    topics.push_back(one.topic);
    keys.push_back(one.key);
    types.push_back(one.type);
    sequences.push_back(one.sequence);
    payloads.push_back(one.payload ? std::optional(Bytes{*one.payload}) : std::nullopt);
    headers.push_back(one.raw ? "{}" : contracts::headers_to_json(one.headers));
    raw_keys.push_back(one.raw && one.raw_key ? std::optional(Bytes{*one.raw_key}) : std::nullopt);
    raw_headers.push_back(one.raw ? std::optional(Bytes{pack_headers(one.headers)}) : std::nullopt);
  }
  postgres::Parameters parameters;
  parameters.add(incarnation)
      .add(ids)
      .add(topics)
      .add(keys)
      .add(types)
      .add(sequences)
      .add(payloads)
      .add(headers)
      .add(raw_keys)
      .add(raw_headers);
  return parameters;
}

}  // namespace countersign::pipeline
