#include "cli/bench_book.hpp"

#include <algorithm>
#include <charconv>
#include <ostream>

namespace countersign::cli {

std::optional<std::size_t> BenchBook::find_named_in(std::string_view text) const {
  const std::string lead = label_ + "-";
  for (auto at = text.find(lead); at != std::string_view::npos; at = text.find(lead, at + 1)) {
    const auto digits = text.substr(at + lead.size());
    std::size_t number = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (read.ec == std::errc{} && number >= 1 && number <= tickets_.size()) return number - 1;
  }
  return std::nullopt;
}

void BenchBook::note_webhook(std::size_t index, std::string_view webhook_id, std::int64_t at) {
  auto& ticket = tickets_[index];
  const std::uint64_t id = std::hash<std::string_view>{}(webhook_id);
  if (ticket.webhook != 0) {
    ++(ticket.webhook_id == id ? ticket.copies : ticket.strangers);
    return;
  }
  ticket.webhook = at;
  ticket.webhook_id = id;
  finished_.fetch_add(1, std::memory_order_relaxed);
}

void BenchBook::note_effect(std::size_t index, std::int64_t at) {
  auto& ticket = tickets_[index];
  ++ticket.effects;
  ticket.effect = std::max(ticket.effect, at);
}

void BenchBook::write_csv(std::ostream& out) const {
  out << "ticket,intended_ns,offered_ns,webhook_ns,copies,strangers,effect_ns,effects\n";
  for (std::size_t i = 0; i < tickets_.size(); ++i) {
    const auto& one = tickets_[i];
    out << name_of(i) << ',' << one.intended << ',' << one.offered << ',' << one.webhook << ',' << one.copies << ',' << one.strangers << ','
        << one.effect << ',' << one.effects << '\n';
  }
}

}  // namespace countersign::cli
