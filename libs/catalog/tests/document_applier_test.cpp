#include "catalog/document_applier.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "catalog/catalog.hpp"
#include "catalog/migrations.hpp"
#include "catalog/sql.hpp"
#include "catalog/tests/documents.hpp"
#include "catalog/trust.hpp"
#include "contracts/token_claims.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/jws.hpp"
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
  Catalog catalog_{{all_kinds.begin(), all_kinds.end()}};
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

crypto::SigningKey key_of(const std::string& name) {
  return {name + "-1", crypto::load_ed25519_key_pair(base::Secret(crypto::sha256(name).raw())).value()};
}

json person(const std::string& name, int version = 1) {
  return {{"kind", "person"},
          {"tenant", "acme"},
          {"name", name},
          {"version", version},
          {"display_name", name},
          {"roles", {"approver"}},
          {"keys", {{{"kid", name + "-1"}, {"x", crypto::base64url_encode(key_of(name).pair.public_key)}}}}};
}

std::string signature(const Document& document, const std::string& signer) {
  const contracts::ChangeClaims claims{.issuer = "person",
                                       .subject = signer,
                                       .audience = contracts::decision_audience("test"),
                                       .tenant = document.tenant,
                                       .kind = document.kind,
                                       .name = document.name,
                                       .version = document.version,
                                       .digest = document.digest,
                                       .issued_at = 1'700'000'000};
  return crypto::sign_jws(key_of(signer), contracts::token_types::change, encode(claims));
}

class RegistrationTest : public DocumentApplierTest {
 protected:
  RegistrationTest() {
    folder_.write("ada.json", person("ada"));
    folder_.write("bob.json", person("bob"));
  }

  base::Result<ApplyReport> register_with(const Document& document, const std::vector<std::string>& signers) {
    std::vector<std::string> tokens;
    for (const auto& signer : signers) tokens.push_back(signature(document, signer));
    return DocumentApplier(*session_).register_signed(document, tokens, "test", "ada and bob");
  }
};

TEST_F(RegistrationTest, TakesTheFirstPeopleAsTheyComeAndThenNobody) {
  ASSERT_TRUE(apply());
  EXPECT_TRUE(apply()) << "what is known already needs nobody's signature";
  folder_.write("carol.json", person("carol"));
  const auto refused = apply();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "needs_signatures");
  EXPECT_NE(refused.error().detail.find("carol.json: person acme/carol@1"), std::string::npos) << refused.error().detail;
  EXPECT_NE(refused.error().detail.find("countersign people register"), std::string::npos);
  folder_.write("carol.json", person("ada", 2));
  EXPECT_EQ(apply().error().code, "needs_signatures");
  folder_.write("carol.json", example("issuer", "helpdesk"));
  EXPECT_EQ(apply().error().code, "needs_signatures");
  folder_.write("tenant-acme.json", changed(example("tenant", "acme"), "/display_name", "Other"));
  EXPECT_EQ(apply().error().code, "documents_invalid") << "with another mistake it is one of many";
}

TEST_F(RegistrationTest, KeepsADocumentWithItsSignatures) {
  ASSERT_TRUE(apply());
  const auto carol = testing::document_of(person("carol"));
  const auto report = register_with(carol, {"ada", "bob"});
  ASSERT_TRUE(report) << report.error().detail;
  EXPECT_EQ(report->activated, std::vector<std::string>{"person acme/carol@1"});
  EXPECT_EQ(report->revision, 2);

  postgres::Session reader(database_.settings_of(reader_role, "scratch"));
  const auto material = load_trust_material(reader);
  EXPECT_EQ(material.documents.size(), 3U);
  EXPECT_EQ(material.signatures.size(), 2U);
  Founders founders;
  for (const char* name : {"ada", "bob"}) founders.documents.insert(testing::document_of(person(name)).digest);
  EXPECT_NE(Directory::believe(material, founders, "test").find_person("acme", "carol"), nullptr);
  EXPECT_EQ(Directory::believe(material, founders, "production").find_person("acme", "carol"), nullptr);
  EXPECT_THROW(reader.execute_script("INSERT INTO core.signature SELECT * FROM core.signature"), base::Rejected);
  EXPECT_THROW(session_->execute_script("UPDATE core.signature SET person = 'x'"), base::Rejected);
}

TEST_F(RegistrationTest, RefusesOneSignatureAndChangesNothing) {
  ASSERT_TRUE(apply());
  const auto carol = testing::document_of(person("carol"));
  for (const auto& signers : std::vector<std::vector<std::string>>{{"ada"}, {"ada", "ada"}, {"ada", "carol"}, {"ada", "mallory"}})
    EXPECT_EQ(register_with(carol, signers).error().code, "signatures_insufficient");
  EXPECT_EQ(register_with(testing::document("tenant", "globex"), {"ada", "bob"}).error().code, "documents_invalid");
  EXPECT_EQ(load_trust_material(*session_).documents.size(), 2U);
}

TEST_F(RegistrationTest, AddsSignaturesToWhatIsThereWithout) {
  folder_.write("carol.json", person("carol"));
  ASSERT_TRUE(apply());
  ASSERT_TRUE(register_with(testing::document_of(person("carol")), {"ada", "bob"}));
  ASSERT_TRUE(register_with(testing::document_of(person("carol")), {"ada", "bob"}));
  EXPECT_EQ(load_trust_material(*session_).signatures.size(), 2U);
}

TEST_F(RegistrationTest, TellsOfRowsThatWereTamperedWith) {
  ASSERT_TRUE(apply());
  session_->execute_script(
      "ALTER TABLE core.document DISABLE TRIGGER document_is_append_only;"
      "UPDATE core.document SET body = jsonb_set(body, '{roles}', '[\"finance\"]') WHERE kind = 'person' AND name = 'ada'");
  const auto material = load_trust_material(*session_);
  EXPECT_EQ(material.documents.size(), 1U);
  EXPECT_EQ(material.unreadable.size(), 1U);
}

TEST_F(RegistrationTest, FindsMessageToolsWithoutMailboxOrTemplate) {
  folder_.write("send.json", example("tool", "send_email"));
  folder_.write("floor.json", example("floor", "acme"));
  expect_refused({"send.json: there is no mailbox support", "send.json: there is no template refund_done",
                  "floor.json: floor.floor.2: there is no tool close_account"});
  folder_.write("mailbox.json", example("mailbox", "support"));
  folder_.write("done.json", example("template", "refund_done"));
  folder_.write("received.json", example("template", "received"));
  folder_.write("floor.json", changed(example("floor", "acme"), "/demands/1/tools", {"issue_refund"}));
  const auto report = apply();
  EXPECT_TRUE(report) << report.error().detail;
  auto shorter = example("tool", "send_email");
  shorter["version"] = 2;
  shorter["arguments"]["properties"]["variables"]["properties"].erase("name");
  folder_.write("send.json", shorter);
  expect_refused({"no argument gives the template refund_done its name"});
}

TEST_F(RegistrationTest, AuditsEveryChangeWhereThereIsAnAudit) {
  session_->execute_script(
      "CREATE SCHEMA audit; CREATE TABLE audit.entry (id uuid PRIMARY KEY, actor text NOT NULL DEFAULT session_user, batch_id uuid NOT "
      "NULL,"
      " tenant_id text NOT NULL, ticket_id text, event text NOT NULL, detail jsonb NOT NULL)");
  ASSERT_TRUE(apply());
  const postgres::Statement audited{
      "audited",
      "SELECT count(*), count(DISTINCT batch_id), min(substr(id::text, 15, 1)) FROM audit.entry"
      " WHERE event = 'configuration_applied' AND detail->>'actor' = 'bootstrap' AND detail->>'revision' = '1'"};
  const auto rows = session_->execute(audited);
  EXPECT_EQ(rows[0].get<std::int64_t>(0), 11);
  EXPECT_EQ(rows[0].get<std::int64_t>(1), 1);
  EXPECT_EQ(rows[0].get<std::string>(2), "7");
}

TEST(ReadDirectory, SaysWhatIsMissing) {
  EXPECT_EQ(read_directory("/nowhere/at/all").error().code, "documents_invalid");
  const Folder empty;
  EXPECT_EQ(read_directory(empty.path()).error().code, "documents_invalid");
}

}  // namespace
}  // namespace countersign::catalog
