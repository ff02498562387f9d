#include "postgres/rows.hpp"

#include <libpq-fe.h>

#include <cstdlib>

#include "base/invariant.hpp"

namespace countersign::postgres {

bool Row::null(int column) const {
  COUNTERSIGN_INVARIANT(column >= 0 && column < PQnfields(result_), "a statement selects the columns that are read from it");
  return PQgetisnull(result_, index_, column) != 0;
}

Oid Row::type(int column) const {
  COUNTERSIGN_INVARIANT(column >= 0 && column < PQnfields(result_), "a statement selects the columns that are read from it");
  return PQftype(result_, column);
}

std::string_view Row::bytes(int column) const {
  if (null(column)) mismatch(column, "it is NULL");
  return {PQgetvalue(result_, index_, column), static_cast<std::size_t>(PQgetlength(result_, index_, column))};
}

void Row::mismatch(int column, const char* why) const {
  const std::string belief = std::string("column ") + PQfname(result_, column) + " (type " + std::to_string(PQftype(result_, column)) +
                             ") is read as what it is, but " + why;
  base::invariant_broken(belief.c_str(), __FILE__, __LINE__);
}

arrays::Decoded Row::array(int column, bool (*reads)(Oid)) const {
  if (!reads(arrays::element_of(type(column)))) mismatch(column, "the C++ type cannot hold its elements");
  auto decoded = arrays::decode(bytes(column));
  if (!decoded) mismatch(column, "it is no array of one dimension");
  return std::move(*decoded);
}

int Rows::size() const noexcept { return result_ ? PQntuples(result_.get()) : 0; }

Row Rows::operator[](int index) const {
  COUNTERSIGN_INVARIANT(index >= 0 && index < size(), "a row is read only where there is one");
  return Row(result_.get(), index);
}

std::int64_t Rows::affected() const noexcept {
  // libpq's signature predates const; it only reads.
  return result_ ? std::strtoll(PQcmdTuples(const_cast<pg_result*>(result_.get())), nullptr, 10) : 0;
}

}  // namespace countersign::postgres
