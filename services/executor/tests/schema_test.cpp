#include "domain/effect.hpp"
#include "domain/named_enum.hpp"
#include "domain/risk.hpp"
#include "domain/run.hpp"
#include "domain/step.hpp"
#include "executor/sql.hpp"
#include "executor/tests/intake_fixture.hpp"

namespace countersign::executor::testing {

class ExecutorSchemaTest : public IntakeTest {
 protected:
  template <typename E>
  void expect_words(const std::string& table, const std::string& column) {
    std::string words;
    for (const auto name : domain::EnumNames<E>::names) words += (words.empty() ? "'" : ", '") + std::string(name) + "'::text";
    EXPECT_EQ(number("SELECT count(*) FROM pg_constraint WHERE conrelid = 'executor." + table +
                     "'::regclass AND contype = 'c' AND "
                     "pg_get_constraintdef(oid) = 'CHECK ((" +
                     column + " = ANY (ARRAY[' || $words$" + words + "$words$ || '])))'"),
              1)
        << table << "." << column << ": " << words;
  }
};

TEST_F(ExecutorSchemaTest, SpellsTheStateMachinesOfTheDomain) {
  expect_words<domain::RunState>("run", "state");
  expect_words<domain::StopReason>("run", "stop_reason");
  expect_words<domain::StepState>("step", "state");
  expect_words<domain::RiskClass>("step", "risk");
  expect_words<domain::EffectState>("effect", "state");
}

TEST_F(ExecutorSchemaTest, PreparesEveryStatementForItsRole) {
  postgres::Session session{connection};
  for (const auto& statement : sql::all)
    EXPECT_NO_THROW(session.execute_script(std::string("PREPARE ") + statement.name + " AS " + statement.sql)) << statement.name;
}

}  // namespace countersign::executor::testing
