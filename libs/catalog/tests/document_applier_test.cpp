#include "catalog/document_applier.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "catalog/catalog.hpp"
#include "catalog/migrations.hpp"
#include "catalog/sql.hpp"
#include "catalog/tests/documents.hpp"
#include "postgres/migrations.hpp"
#include "postgres/roles.hpp"
#include "postgres/testing/scratch_database.hpp"

namespace countersign::catalog {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::changed;
using testing::example;

const std::string reader_role = "catalog_test_reader";

postgres::testing::Blueprint blueprint() {
  postgres::testing::Blueprint blueprint;
  blueprint.name = "catalog";
  blueprint.migrations = postgres::migrations();
  blueprint.migrations.insert(blueprint.migrations.end(), migrations().begin(), migrations().end());
  blueprint.after = [](postgres::Session& admin) {
    postgres::ensure_login_role(admin, reader_role, base::Secret("scratch"));
    admin.execute_script("GRANT countersign_service TO " + reader_role);
  };
  return blueprint;
}

class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "countersign-catalog-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void write(const std::string& name, const json& body) const { std::ofstream(path_ / name) << body.dump(2); }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

TEST(CatalogSqlTest, EveryStatementIsAcceptedByTheMigratedSchema) {
  const postgres::testing::ScratchDatabase database{blueprint()};
  const auto session = database.connect();
  for (const auto& statement : sql::all) {
    SCOPED_TRACE(statement.name);
    EXPECT_NO_THROW(session->execute_script(std::string("PREPARE one AS ") + statement.sql + "; DEALLOCATE one"));
  }
}

class DocumentApplierTest : public ::testing::Test {
 protected:
  DocumentApplierTest() {
    for (const auto& [kind, name] : std::vector<std::pair<std::string, std::string>>{{"tenant", "acme"},
                                                                                     {"tenant", "globex"},
                                                                                     {"realm", "main"},
                                                                                     {"constant", "refund_cap"},
                                                                                     {"endpoint", "all"},
                                                                                     {"tool", "lookup_order"},
                                                                                     {"tool", "issue_refund"},
                                                                                     {"policy", "refunds"},
                                                                                     {"playbook", "refund"}})
      folder_.write(kind + "-" + name + ".json", example(kind, name));
  }

  base::Result<ApplyReport> apply() { return DocumentApplier(*session_).apply(folder_.path()); }

  // Applies and expects a refusal whose detail has all of these.
  void expect_refused(const std::vector<std::string>& parts) {
    const auto report = apply();
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, "documents_invalid");
    for (const auto& part : parts)
      EXPECT_NE(report.error().detail.find(part), std::string::npos) << part << " in: " << report.error().detail;
  }

  postgres::testing::ScratchDatabase database_{blueprint()};
  std::unique_ptr<postgres::Session> session_ = database_.connect();
  Folder folder_;
  Catalog catalog_{{"tenant", "realm", "constant", "endpoint", "tool", "policy", "playbook"}};
};

TEST_F(DocumentApplierTest, AppliesOnceAndThenFindsNothingToDo) {
  const auto first = apply();
  ASSERT_TRUE(first) << first.error().detail;
  EXPECT_EQ(first->revision, 1);
  EXPECT_EQ(first->applied.size(), 9U);
  EXPECT_EQ(first->activated.size(), 9U);
  const auto second = apply();
  ASSERT_TRUE(second) << second.error().detail;
  EXPECT_EQ(second->revision, 1);
  EXPECT_EQ(second->unchanged.size(), 9U);
  EXPECT_TRUE(second->applied.empty());
}

TEST_F(DocumentApplierTest, ActivatesTheNewestVersionAndTheCatalogFollows) {
  EXPECT_FALSE(catalog_.ready());
  EXPECT_EQ(catalog_.current(), nullptr);
  ASSERT_TRUE(apply());
  EXPECT_TRUE(catalog_.refresh(*session_).value());
  EXPECT_FALSE(catalog_.refresh(*session_).value());
  EXPECT_EQ(catalog_.current()->find_tool("acme", "issue_refund")->version, 2);

  folder_.write("newer.json", changed(example("tool", "issue_refund"), "/version", 3));
  folder_.write("older.json", changed(example("tool", "issue_refund"), "/version", 1));
  const auto report = apply();
  ASSERT_TRUE(report) << report.error().detail;
  EXPECT_EQ(report->applied.size(), 2U);
  EXPECT_EQ(report->activated, std::vector<std::string>{"tool acme/issue_refund@3"});
  EXPECT_TRUE(catalog_.refresh(*session_).value());
  EXPECT_EQ(catalog_.current()->find_tool("acme", "issue_refund")->version, 3);
  EXPECT_EQ(catalog_.current()->revision(), 2);
}

TEST_F(DocumentApplierTest, RefusesOtherContentUnderAKnownVersion) {
  ASSERT_TRUE(apply());
  folder_.write("tenant-acme.json", changed(example("tenant", "acme"), "/display_name", "Acme AG"));
  expect_refused({"tenant-acme.json", "new version"});
}

TEST_F(DocumentApplierTest, ListsAllMistakesWithTheirFilesAndChangesNothing) {
  folder_.write("a.json", json::array());
  folder_.write("b.json", changed(example("tool", "issue_refund"), "/timeout_ms", 99999));
  folder_.write("c.json", example("tenant", "acme"));
  expect_refused({"a.json: ", "b.json: ", "tenant-acme.json: tenant acme@1 is in c.json as well"});
  ASSERT_TRUE(catalog_.refresh(*session_));
  EXPECT_EQ(catalog_.current()->revision(), 0);
  EXPECT_EQ(catalog_.current()->find_tenant("acme"), nullptr);
}

TEST_F(DocumentApplierTest, RefusesReferencesThatLeadNowhere) {
  folder_.write("endpoint-all.json", changed(example("endpoint", "all"), "/tenant", "nobody"));
  folder_.write("realm-main.json", changed(example("realm", "main"), "/tenants", {"acme", "initech"}));
  auto playbook = changed(example("playbook", "refund"), "/turns/0/steps/0/tool", "lookup_parcel");
  playbook = changed(playbook, "/turns/0/steps/1/arguments/speed", "fast");
  playbook = changed(playbook, "/turns/0/steps/1/arguments/order_id", json{{"$from", "constant:none"}});
  folder_.write("playbook-refund.json", playbook);
  auto policy = changed(example("policy", "refunds"), "/rules/0/tools", {"lookup_everything"});
  folder_.write("policy-refunds.json", changed(policy, "/rules/2/when", json{{"present", {{"argument", "/colour"}}}}));
  expect_refused({"endpoint-all.json: there is no tenant nobody", "realm-main.json: there is no tenant initech",
                  "there is no tool lookup_parcel", "issue_refund has no argument speed", "there is no constant none",
                  "policy-refunds.json: rule reads: there is no tool lookup_everything", "issue_refund has no argument /colour"});
}

TEST_F(DocumentApplierTest, ChecksReferencesAgainstWhatIsActiveAlready) {
  ASSERT_TRUE(apply());
  const Folder other;
  other.write("realm.json", example("realm", "partner"));
  EXPECT_TRUE(DocumentApplier(*session_).apply(other.path()));
  // A new version of a tool that a playbook relies on must still fit the playbook.
  auto tool = changed(example("tool", "issue_refund"), "/version", 5);
  tool["arguments"]["properties"].erase("reason");
  tool["arguments"]["required"] = {"order_id", "amount"};
  tool["origins"].erase("/reason");
  tool["connector"]["body"].erase("reason");
  const Folder breaking;
  breaking.write("tool.json", tool);
  const auto report = DocumentApplier(*session_).apply(breaking.path());
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().detail.find("playbook acme/refund@3"), std::string::npos) << report.error().detail;
}

TEST_F(DocumentApplierTest, LetsTwoAppliersTakeTurns) {
  auto other = database_.connect();
  base::Result<ApplyReport> first, second;
  std::jthread thread([&] { first = DocumentApplier(*other).apply(folder_.path()); });
  second = apply();
  thread.join();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->applied.size() + second->applied.size(), 9U);
  EXPECT_EQ(first->revision, 1);
  EXPECT_EQ(second->revision, 1);
}

TEST_F(DocumentApplierTest, KeepsTheOldSnapshotWhenARowWasTamperedWith) {
  ASSERT_TRUE(apply());
  ASSERT_TRUE(catalog_.refresh(*session_));
  session_->execute_script(
      "ALTER TABLE core.document DISABLE TRIGGER document_is_append_only;"
      "UPDATE core.document SET body = jsonb_set(body, '{timeout_ms}', '9999') WHERE kind = 'tool' AND name = 'issue_refund';"
      "UPDATE core.configuration SET revision = revision + 1");
  const auto refreshed = catalog_.refresh(*session_);
  ASSERT_FALSE(refreshed);
  EXPECT_EQ(refreshed.error().code, "configuration_unreadable");
  EXPECT_FALSE(catalog_.ready());
  EXPECT_EQ(catalog_.current()->find_tool("acme", "issue_refund")->timeout, std::chrono::milliseconds{5000});
}

TEST_F(DocumentApplierTest, ServicesMayReadAndNobodyMayRewrite) {
  ASSERT_TRUE(apply());
  postgres::Session reader(database_.settings_of(reader_role, "scratch"));
  EXPECT_TRUE(catalog_.refresh(reader).value());
  for (const char* sql : {"DELETE FROM core.activation", "UPDATE core.configuration SET revision = 9",
                          "INSERT INTO core.activation SELECT * FROM core.activation"})
    EXPECT_THROW(reader.execute_script(sql), base::Rejected) << sql;
  for (const char* sql : {"DELETE FROM core.document", "UPDATE core.document SET version = 9", "UPDATE core.applied SET actor = 'x'",
                          "TRUNCATE core.applied"})
    EXPECT_THROW(session_->execute_script(sql), base::Rejected) << sql;
}

TEST_F(DocumentApplierTest, RecordsWhoAppliedWhat) {
  ASSERT_TRUE(DocumentApplier(*session_).apply(folder_.path(), "ada"));
  const postgres::Statement count{"count_applied", "SELECT count(*) FROM core.applied WHERE actor = 'ada' AND revision = 1"};
  EXPECT_EQ(session_->execute(count)[0].get<std::int64_t>(0), 9);
}

TEST(ReadDirectory, SaysWhatIsMissing) {
  EXPECT_EQ(read_directory("/nowhere/at/all").error().code, "documents_invalid");
  const Folder empty;
  EXPECT_EQ(read_directory(empty.path()).error().code, "documents_invalid");
}

}  // namespace
}  // namespace countersign::catalog
