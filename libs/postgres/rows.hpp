#pragma once

// Rows: the answer of one statement, read column by column in the order the statement selects them.
//
// Promise    get<T>() checks the column's type against T; a mismatch is an invariant, because statements are ours. So is reading NULL into
//            a type that cannot hold it: ask for std::optional where the column may be NULL.
// Ownership  Rows owns the result; a Row borrows it.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "postgres/encoding.hpp"
#include "postgres/parameters.hpp"

struct pg_result;

namespace countersign::postgres {

class Row {
 public:
  Row(const pg_result* result, int index) : result_(result), index_(index) {}

  // T: std::int64_t (any integer column), std::int32_t, bool, double, std::string (text, name, json), base::Uuid, base::WallTime
  // (timestamptz), Bytes, std::chrono::microseconds (interval), std::vector of each, std::vector of std::optional of each, and
  // std::optional of all those for columns that may be NULL.
  template <typename T>
  T get(int column) const {
    return Reader<T>::read(*this, column);
  }
  bool null(int column) const;

 private:
  template <typename T>
  struct Reader;

  Oid type(int column) const;
  std::string_view bytes(int column) const;  // an invariant when NULL
  [[noreturn]] void mismatch(int column, const char* why) const;
  // The elements of an array column whose elements `reads` accepts.
  arrays::Decoded array(int column, bool (*reads)(Oid)) const;
  template <typename T>
  T scalar(Oid oid, std::string_view bytes, int column) const;

  const pg_result* result_;
  int index_;
};

class Rows {
 public:
  Rows() = default;
  explicit Rows(std::shared_ptr<pg_result> result) : result_(std::move(result)) {}

  int size() const noexcept;
  bool empty() const noexcept { return size() == 0; }
  Row operator[](int index) const;         // an invariant when out of range
  std::int64_t affected() const noexcept;  // rows inserted, updated or deleted; for a SELECT, selected

  class Iterator {
   public:
    Iterator(const pg_result* result, int index) : result_(result), index_(index) {}
    Row operator*() const { return Row(result_, index_); }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return index_ != other.index_; }

   private:
    const pg_result* result_;
    int index_;
  };
  Iterator begin() const { return Iterator(result_.get(), 0); }
  Iterator end() const { return Iterator(result_.get(), size()); }

 private:
  std::shared_ptr<pg_result> result_;
};

template <typename T>
T Row::scalar(Oid oid, std::string_view bytes, int column) const {
  auto value = Encoding<T>::decode(oid, bytes);
  if (!value) mismatch(column, "its bytes do not have the shape of its type");
  return std::move(*value);
}

template <typename T>
struct Row::Reader {
  static T read(const Row& row, int column) {
    const Oid oid = row.type(column);
    if (!Encoding<T>::reads(oid)) row.mismatch(column, "the C++ type cannot hold it");
    return row.scalar<T>(oid, row.bytes(column), column);
  }
};

template <typename T>
struct Row::Reader<std::optional<T>> {
  static std::optional<T> read(const Row& row, int column) {
    if (row.null(column)) return std::nullopt;
    return Reader<T>::read(row, column);
  }
};

template <typename T>
struct Row::Reader<std::vector<T>> {
  static std::vector<T> read(const Row& row, int column) {
    const auto decoded = row.array(column, &Encoding<T>::reads);
    std::vector<T> values;
    values.reserve(decoded.elements.size());
    for (const auto& element : decoded.elements) {
      if (!element) row.mismatch(column, "an element is NULL");
      values.push_back(row.scalar<T>(decoded.element, *element, column));
    }
    return values;
  }
};

template <typename T>
struct Row::Reader<std::vector<std::optional<T>>> {
  static std::vector<std::optional<T>> read(const Row& row, int column) {
    const auto decoded = row.array(column, &Encoding<T>::reads);
    std::vector<std::optional<T>> values;
    values.reserve(decoded.elements.size());
    for (const auto& element : decoded.elements) {
      values.push_back(element ? std::optional<T>(row.scalar<T>(decoded.element, *element, column)) : std::nullopt);
    }
    return values;
  }
};

}  // namespace countersign::postgres
