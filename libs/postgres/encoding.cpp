#include "postgres/encoding.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace countersign::postgres {

namespace {

constexpr std::int64_t epoch_2000 = 946'684'800'000'000;  // microseconds from 1970 to 2000
constexpr std::int64_t day_micros = 86'400'000'000;
constexpr Oid int2_oid = 21, int4_oid = 23, int8_oid = 20, float4_oid = 700, float8_oid = 701, jsonb_oid = 3802;

template <typename Unsigned>
void put_big_endian(Unsigned value, char* to) {
  for (int shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0; shift -= 8) *to++ = static_cast<char>(value >> shift);
}

template <typename Unsigned>
void append_big_endian(Unsigned value, std::string& out) {
  char bytes[sizeof value];
  put_big_endian(value, bytes);
  out.append(bytes, sizeof value);
}

template <typename Unsigned>
Unsigned read_big_endian(std::string_view bytes) {
  Unsigned value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) value = static_cast<Unsigned>((value << 8) | static_cast<unsigned char>(bytes[i]));
  return value;
}

bool one_of(Oid oid, std::initializer_list<Oid> known) { return std::find(known.begin(), known.end(), oid) != known.end(); }

}  // namespace

void Encoding<bool>::append(const bool& value, std::string& out) { out.push_back(value ? 1 : 0); }
bool Encoding<bool>::reads(Oid column) { return column == oid; }
std::optional<bool> Encoding<bool>::decode(Oid, std::string_view bytes) {
  if (bytes.size() != 1) return std::nullopt;
  return bytes[0] != 0;
}

void Encoding<std::int32_t>::append(const std::int32_t& value, std::string& out) {
  append_big_endian(static_cast<std::uint32_t>(value), out);
}
bool Encoding<std::int32_t>::reads(Oid column) { return one_of(column, {int2_oid, int4_oid}); }
std::optional<std::int32_t> Encoding<std::int32_t>::decode(Oid column, std::string_view bytes) {
  const auto wide = Encoding<std::int64_t>::decode(column, bytes);
  if (!wide) return std::nullopt;
  return static_cast<std::int32_t>(*wide);
}

void Encoding<std::int64_t>::append(const std::int64_t& value, std::string& out) {
  append_big_endian(static_cast<std::uint64_t>(value), out);
}
bool Encoding<std::int64_t>::reads(Oid column) { return one_of(column, {int2_oid, int4_oid, int8_oid}); }
std::optional<std::int64_t> Encoding<std::int64_t>::decode(Oid, std::string_view bytes) {
  switch (bytes.size()) {
    case 2:
      return static_cast<std::int16_t>(read_big_endian<std::uint16_t>(bytes));
    case 4:
      return static_cast<std::int32_t>(read_big_endian<std::uint32_t>(bytes));
    case 8:
      return static_cast<std::int64_t>(read_big_endian<std::uint64_t>(bytes));
    default:
      return std::nullopt;
  }
}

void Encoding<double>::append(const double& value, std::string& out) { append_big_endian(std::bit_cast<std::uint64_t>(value), out); }
bool Encoding<double>::reads(Oid column) { return one_of(column, {float4_oid, float8_oid}); }
std::optional<double> Encoding<double>::decode(Oid, std::string_view bytes) {
  if (bytes.size() == 4) return std::bit_cast<float>(read_big_endian<std::uint32_t>(bytes));
  if (bytes.size() == 8) return std::bit_cast<double>(read_big_endian<std::uint64_t>(bytes));
  return std::nullopt;
}

void Encoding<std::string>::append(const std::string& value, std::string& out) { out.append(value); }
bool Encoding<std::string>::reads(Oid column) {
  return one_of(column, {25 /*text*/, 1043 /*varchar*/, 1042 /*bpchar*/, 19 /*name*/, 705 /*unknown*/, 114 /*json*/, jsonb_oid});
}
std::optional<std::string> Encoding<std::string>::decode(Oid column, std::string_view bytes) {
  if (column != jsonb_oid) return std::string(bytes);
  if (bytes.empty() || bytes[0] != 1) return std::nullopt;  // jsonb starts with the version of its format
  return std::string(bytes.substr(1));
}

void Encoding<Bytes>::append(const Bytes& value, std::string& out) { out.append(value.value); }
bool Encoding<Bytes>::reads(Oid column) { return column == oid; }
std::optional<Bytes> Encoding<Bytes>::decode(Oid, std::string_view bytes) { return Bytes{std::string(bytes)}; }

void Encoding<base::Uuid>::append(const base::Uuid& value, std::string& out) { out.append(value.bytes.begin(), value.bytes.end()); }
bool Encoding<base::Uuid>::reads(Oid column) { return column == oid; }
std::optional<base::Uuid> Encoding<base::Uuid>::decode(Oid, std::string_view bytes) {
  base::Uuid id;
  if (bytes.size() != id.bytes.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), id.bytes.begin());
  return id;
}

void Encoding<base::WallTime>::append(const base::WallTime& value, std::string& out) {
  const std::int64_t micros = value.time_since_epoch().count();
  const bool infinite = value == base::WallTime::max() || value == base::WallTime::min();
  append_big_endian(static_cast<std::uint64_t>(infinite ? micros : micros - epoch_2000), out);
}
bool Encoding<base::WallTime>::reads(Oid column) { return column == oid; }
std::optional<base::WallTime> Encoding<base::WallTime>::decode(Oid, std::string_view bytes) {
  if (bytes.size() != 8) return std::nullopt;
  const auto micros = static_cast<std::int64_t>(read_big_endian<std::uint64_t>(bytes));
  const auto most = base::WallTime::max().time_since_epoch().count();
  if (micros > most - epoch_2000) return base::WallTime::max();
  if (micros == base::WallTime::min().time_since_epoch().count()) return base::WallTime::min();
  return base::WallTime{std::chrono::microseconds{micros + epoch_2000}};
}

void Encoding<std::chrono::microseconds>::append(const std::chrono::microseconds& value, std::string& out) {
  append_big_endian(static_cast<std::uint64_t>(value.count()), out);
  append_big_endian(std::uint32_t{0}, out);  // days
  append_big_endian(std::uint32_t{0}, out);  // months
}
bool Encoding<std::chrono::microseconds>::reads(Oid column) { return column == oid; }
std::optional<std::chrono::microseconds> Encoding<std::chrono::microseconds>::decode(Oid, std::string_view bytes) {
  if (bytes.size() != 16 || read_big_endian<std::uint32_t>(bytes.substr(12)) != 0) return std::nullopt;
  const auto micros = static_cast<std::int64_t>(read_big_endian<std::uint64_t>(bytes));
  const auto days = static_cast<std::int32_t>(read_big_endian<std::uint32_t>(bytes.substr(8)));
  return std::chrono::microseconds{micros + days * day_micros};
}

namespace arrays {

namespace {

constexpr std::pair<Oid, Oid> array_and_element[] = {
    {1000, 16},   {1005, 21}, {1007, 23}, {1016, 20},   {1021, 700}, {1022, 701},  {1009, 25},   {1015, 1043},
    {1014, 1042}, {1003, 19}, {199, 114}, {3807, 3802}, {1001, 17},  {2951, 2950}, {1185, 1184}, {1187, 1186},
};
constexpr std::size_t header_bytes = 12, dimension_bytes = 8, length_bytes = 4, null_flag_byte = 7;
constexpr std::uint32_t null_length = 0xffff'ffff;

// Reads `count` elements; nothing when they do not fill `bytes` exactly.
std::optional<std::vector<std::optional<std::string_view>>> read_elements(std::string_view bytes, std::uint32_t count) {
  std::vector<std::optional<std::string_view>> elements;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (bytes.size() < 4) return std::nullopt;
    const auto length = read_big_endian<std::uint32_t>(bytes);
    bytes.remove_prefix(4);
    if (length == null_length) {
      elements.emplace_back(std::nullopt);
      continue;
    }
    if (bytes.size() < length) return std::nullopt;
    elements.emplace_back(bytes.substr(0, length));
    bytes.remove_prefix(length);
  }
  if (!bytes.empty()) return std::nullopt;
  return elements;
}

}  // namespace

Writer::Writer(Oid element, std::size_t count) {
  bytes_.reserve(header_bytes + dimension_bytes + count * 16);
  append_big_endian(std::uint32_t{count == 0 ? 0U : 1U}, bytes_);  // an empty array has no dimension
  append_big_endian(std::uint32_t{0}, bytes_);                     // whether there are nulls: add_null() says so
  append_big_endian(std::uint32_t{element}, bytes_);
  if (count == 0) return;
  append_big_endian(static_cast<std::uint32_t>(count), bytes_);
  append_big_endian(std::uint32_t{1}, bytes_);  // the lower bound
}

void Writer::add_null() {
  bytes_[null_flag_byte] = 1;
  append_big_endian(null_length, bytes_);
}

std::size_t Writer::begin_element() {
  bytes_.append(length_bytes, '\0');
  return bytes_.size();
}

void Writer::end_element(std::size_t at) { put_big_endian(static_cast<std::uint32_t>(bytes_.size() - at), &bytes_[at - length_bytes]); }

std::optional<Decoded> decode(std::string_view bytes) {
  if (bytes.size() < header_bytes) return std::nullopt;
  const auto dimensions = read_big_endian<std::uint32_t>(bytes);
  Decoded decoded;
  decoded.element = read_big_endian<std::uint32_t>(bytes.substr(8));
  if (dimensions == 0) return decoded;
  if (dimensions != 1 || bytes.size() < header_bytes + dimension_bytes) return std::nullopt;
  const auto count = read_big_endian<std::uint32_t>(bytes.substr(header_bytes));
  auto elements = read_elements(bytes.substr(header_bytes + dimension_bytes), count);
  if (!elements) return std::nullopt;
  decoded.elements = std::move(*elements);
  return decoded;
}

Oid element_of(Oid array) {
  for (const auto& [known, element] : array_and_element) {
    if (known == array) return element;
  }
  return 0;
}

}  // namespace arrays

}  // namespace countersign::postgres
