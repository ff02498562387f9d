#pragma once

// Parameters: the values for $1, $2, … of a statement, encoded in PostgreSQL's binary format as they are added.
//
// JSON travels as text and is cast in the statement ($3::text)::jsonb. Arrays are one-dimensional; one array per column is how a whole
// batch is written by one statement: INSERT … SELECT … FROM unnest($1::text[], $2::bigint[]).
//
// Failure    None here. Text with a NUL or that is not UTF-8 is refused by the server (SQLSTATE 22021).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "postgres/encoding.hpp"

namespace countersign::postgres {

class Parameters {
 public:
  Parameters& add(std::int64_t value) { return add_encoded(value); }                          // bigint
  Parameters& add(std::int32_t value) { return add_encoded(value); }                          // integer
  Parameters& add(bool value) { return add_encoded(value); }                                  // boolean
  Parameters& add(double value) { return add_encoded(value); }                                // double precision
  Parameters& add(std::string_view value) { return add_encoded(value); }                      // text
  Parameters& add(const char* value) { return add_encoded(std::string_view(value)); }         // text
  Parameters& add(const std::string& value) { return add_encoded(std::string_view(value)); }  // text
  Parameters& add(const base::Uuid& value) { return add_encoded(value); }                     // uuid
  Parameters& add(base::WallTime value) { return add_encoded(value); }                        // timestamptz
  Parameters& add(const Bytes& value) { return add_encoded(value); }                          // bytea
  Parameters& add(std::chrono::microseconds value) { return add_encoded(value); }             // interval
  template <typename T>
  Parameters& add(const std::optional<T>& value);  // NULL when absent

  // Arrays of the types above; optional elements become NULL.
  template <typename T>
  Parameters& add(const std::vector<T>& values);

  std::size_t size() const noexcept { return values_.size(); }
  std::size_t total_bytes() const noexcept;

  // For Session: what PQsendQueryPrepared wants. The pointers are good until the next change.
  const std::vector<unsigned>& oids() const noexcept { return oids_; }
  std::vector<const char*> pointers() const;
  std::vector<int> lengths() const;

 private:
  template <typename T>
  Parameters& add_encoded(const T& value);
  void add_value(unsigned oid, std::string encoded);
  void add_null(unsigned oid);

  std::vector<unsigned> oids_;
  std::vector<std::optional<std::string>> values_;
};

namespace arrays {

template <typename T>
struct ElementType {
  using type = T;
  static void write(const T& value, Writer& writer) { writer.add(value); }
};
template <typename T>
struct ElementType<std::optional<T>> {
  using type = T;
  static void write(const std::optional<T>& value, Writer& writer) { value ? writer.add(*value) : writer.add_null(); }
};

template <typename T>
struct ParameterOid {
  static constexpr Oid value = Encoding<T>::oid;
};
template <typename T>
struct ParameterOid<std::vector<T>> {
  static constexpr Oid value = Encoding<typename ElementType<T>::type>::array_oid;
};

}  // namespace arrays

template <typename T>
Parameters& Parameters::add_encoded(const T& value) {
  std::string bytes;
  Encoding<T>::append(value, bytes);
  add_value(Encoding<T>::oid, std::move(bytes));
  return *this;
}

template <typename T>
Parameters& Parameters::add(const std::optional<T>& value) {
  if (value) return add(*value);
  add_null(arrays::ParameterOid<T>::value);
  return *this;
}

template <typename T>
Parameters& Parameters::add(const std::vector<T>& values) {
  using Each = arrays::ElementType<T>;
  using Type = Encoding<typename Each::type>;
  arrays::Writer writer(Type::oid, values.size());
  for (const T& value : values) Each::write(value, writer);
  add_value(Type::array_oid, writer.take());
  return *this;
}

}  // namespace countersign::postgres
