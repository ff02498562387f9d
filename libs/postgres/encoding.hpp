#pragma once

// Encoding: how each C++ type travels in PostgreSQL's binary format, and which column types it may be read from.
//
// Encoding<T> has
//   oid, array_oid                      the types a parameter is declared with
//   append(value, out)                  the bytes of one value, without a length
//   reads(oid)                          whether a column of that type can be read into T
//   decode(oid, bytes) → optional<T>    nothing when the bytes do not have the shape of the type
//
// Not ours   Lengths, NULL and parameter lists: parameters.hpp. Type checks on a result: rows.hpp.
// Source     The *_send and *_recv functions of the server; integers are big-endian, times count microseconds from 2000-01-01 UTC.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/uuid.hpp"

namespace countersign::postgres {

// Bytes for a bytea column, told apart from text by type.
struct Bytes {
  std::string value;
  friend bool operator==(const Bytes&, const Bytes&) = default;
};

using Oid = unsigned;

template <typename T>
struct Encoding;

// The members every encodable type has.
#define COUNTERSIGN_POSTGRES_ENCODING(Type, type_oid, its_array_oid)       \
  template <>                                                              \
  struct Encoding<Type> {                                                  \
    static constexpr Oid oid = type_oid;                                   \
    static constexpr Oid array_oid = its_array_oid;                        \
    static void append(const Type& value, std::string& out);               \
    static bool reads(Oid column);                                         \
    static std::optional<Type> decode(Oid column, std::string_view bytes); \
  }

COUNTERSIGN_POSTGRES_ENCODING(bool, 16, 1000);
COUNTERSIGN_POSTGRES_ENCODING(std::int32_t, 23, 1007);
COUNTERSIGN_POSTGRES_ENCODING(std::int64_t, 20, 1016);  // reads smaller integers too
COUNTERSIGN_POSTGRES_ENCODING(double, 701, 1022);       // reads real too
COUNTERSIGN_POSTGRES_ENCODING(std::string, 25, 1009);   // reads every text type, json and jsonb
COUNTERSIGN_POSTGRES_ENCODING(Bytes, 17, 1001);
COUNTERSIGN_POSTGRES_ENCODING(base::Uuid, 2950, 2951);
COUNTERSIGN_POSTGRES_ENCODING(base::WallTime, 1184, 1185);             // WallTime::max() and min() are infinity and -infinity
COUNTERSIGN_POSTGRES_ENCODING(std::chrono::microseconds, 1186, 1187);  // does not read intervals with months

#undef COUNTERSIGN_POSTGRES_ENCODING

template <>
struct Encoding<std::string_view> {
  static constexpr Oid oid = 25;
  static constexpr Oid array_oid = 1009;
  static void append(std::string_view value, std::string& out) { out.append(value); }
};

namespace arrays {

// Writes an array of `count` elements, one after the other, into the bytes that are sent.
class Writer {
 public:
  Writer(Oid element, std::size_t count);
  void add_null();
  template <typename T>
  void add(const T& value) {
    const std::size_t at = begin_element();
    Encoding<T>::append(value, bytes_);
    end_element(at);
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::size_t begin_element();
  void end_element(std::size_t at);

  std::string bytes_;
};

struct Decoded {
  Oid element = 0;
  std::vector<std::optional<std::string_view>> elements;  // point into the bytes given
};
// Nothing when the bytes are no array or one of several dimensions.
std::optional<Decoded> decode(std::string_view bytes);
// The type of the elements of an array type that Encoding knows; 0 for any other.
Oid element_of(Oid array);

}  // namespace arrays

}  // namespace countersign::postgres
