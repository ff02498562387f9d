// Every example document under schemas/documents: valid ones parse, invalid ones are refused by the schema or the parser of their kind.

#include <gtest/gtest.h>

#include <filesystem>

#include "catalog/document_check.hpp"
#include "catalog/tests/documents.hpp"

namespace countersign::catalog {
namespace {

namespace fs = std::filesystem;

std::string read_bytes(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Empty when the document is good.
std::string mistake_in(const std::string& kind, const std::string& bytes) {
  const auto document = read_document(bytes);
  if (!document) return document.error().detail;
  const auto checked = check_document(*document);
  return document->kind != kind ? "is of kind " + document->kind : checked ? std::string() : checked.error().detail;
}

class EveryKind : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryKind, AcceptsItsValidExamples) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(testing::examples + "/" + GetParam() + ".v1/valid")) {
    EXPECT_EQ(mistake_in(GetParam(), read_bytes(entry.path())), "") << entry.path();
    ++count;
  }
  EXPECT_GE(count, 2);
}

TEST_P(EveryKind, RefusesItsInvalidExamplesWithAReason) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(testing::examples + "/" + GetParam() + ".v1/invalid")) {
    EXPECT_NE(mistake_in(GetParam(), read_bytes(entry.path())), "") << entry.path();
    ++count;
  }
  EXPECT_GE(count, 6);
}

INSTANTIATE_TEST_SUITE_P(Documents, EveryKind, ::testing::ValuesIn(std::vector<std::string>(all_kinds.begin(), all_kinds.end())));

TEST(Document, HasADigestThatSpellingDoesNotChange) {
  const auto body = testing::example("tenant", "acme");
  EXPECT_EQ(read_document(body.dump())->digest, read_document(body.dump(4))->digest);
  EXPECT_NE(read_document(body.dump())->digest, read_document(testing::changed(body, "/display_name", "Acme AG").dump())->digest);
}

TEST(Document, IsRefusedWhenItIsNone) {
  EXPECT_EQ(read_document("{").error().code, "document_malformed");
  EXPECT_EQ(read_document("[]").error().code, "document_malformed");
  EXPECT_EQ(read_document(R"({"kind":5})").error().code, "document_malformed");
  EXPECT_EQ(read_document(R"({"kind":"recipe"})").error().code, "kind_unknown");
}

}  // namespace
}  // namespace countersign::catalog
