#include "executor/case_rows.hpp"
#include "executor/row_columns.hpp"
#include "executor/sql.hpp"
#include "executor/stored_row.hpp"

namespace countersign::executor {

namespace {

// One array of PostgreSQL, as text.
class ArrayText {
 public:
  void add(const std::optional<std::string>& word) {
    if (text_.size() > 1) text_ += ',';
    if (!word) {
      text_ += "NULL";
      return;
    }
    text_ += '"';
    for (const char c : *word) {
      if (c == '"' || c == '\\') text_ += '\\';
      text_ += c;
    }
    text_ += '"';
  }
  std::string closed() const { return text_ + '}'; }

 private:
  std::string text_ = "{";
};

}  // namespace

// What happened to one ticket is one row.
void write_changes(pipeline::Batch& batch, const Cases& cases) {
  std::vector<base::Uuid> ids;
  std::vector<std::string> tenants, tickets, runs, steps, what, before, now, codes, owed;
  const auto number = [](std::int32_t value) { return value == 0 ? std::nullopt : std::optional(std::to_string(value)); };
  for (const auto& [key, one] : cases) {
    if (one.transitions.empty()) continue;
    ArrayText its_runs, its_steps, its_what, its_before, its_now, its_codes, its_owed;
    for (const Transition& transition : one.transitions) {
      its_runs.add(number(transition.run));
      its_steps.add(number(transition.step));
      its_what.add(transition.what);
      its_before.add(text_or_null(transition.old_state));
      its_now.add(transition.new_state);
      its_codes.add(joined(transition.codes));
      its_owed.add(transition.outbox_id ? std::optional(transition.outbox_id->str()) : std::nullopt);
    }
    ids.push_back(batch.ids().next());
    tenants.push_back(one.ticket.tenant);
    tickets.push_back(one.ticket.id);
    runs.push_back(its_runs.closed());
    steps.push_back(its_steps.closed());
    what.push_back(its_what.closed());
    before.push_back(its_before.closed());
    now.push_back(its_now.closed());
    codes.push_back(its_codes.closed());
    owed.push_back(its_owed.closed());
  }
  if (ids.empty()) return;
  batch.transaction().queue(sql::insert_changes, postgres::Parameters{}
                                                     .add(batch.id())
                                                     .add(ids)
                                                     .add(tenants)
                                                     .add(tickets)
                                                     .add(runs)
                                                     .add(steps)
                                                     .add(what)
                                                     .add(before)
                                                     .add(now)
                                                     .add(codes)
                                                     .add(owed));
}

}  // namespace countersign::executor
