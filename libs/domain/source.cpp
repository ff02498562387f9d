#include "domain/source.hpp"

#include <algorithm>

#include "domain/arithmetic.hpp"
#include "domain/codes.hpp"

namespace countersign::domain {

namespace {

tl::unexpected<base::Refusal> invalid(std::string detail) { return base::refuse(std::string(codes::source_invalid), std::move(detail)); }

bool lower(char c) { return c >= 'a' && c <= 'z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

bool constant_id_valid(std::string_view id) noexcept {
  const auto allowed = [](char c) {
    return lower(c) || digit(c) || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '@' || c == '-';
  };
  return !id.empty() && id.size() <= 128 && std::all_of(id.begin(), id.end(), allowed);
}

// Reads one source from the front of the text, with what is left staying behind.
class SourceParser {
 public:
  explicit SourceParser(std::string_view text) : rest_(text) {}

  base::Result<Source> parse() {
    auto source = parse_source(0);
    if (source && !rest_.empty()) return invalid("there is text after the source");
    return source;
  }

 private:
  base::Result<Source> parse_source(int level) {
    if (take("derived:")) return parse_derived(level + 1);
    if (++inputs_ > most_source_inputs) return invalid("a source has at most 16 inputs");
    if (take("ticket:")) return parse_ticket(level);
    if (take("evidence:")) return parse_evidence(level);
    if (take("constant:")) return parse_constant(level);
    return invalid("a source begins with ticket:, evidence:, constant: or derived:");
  }

  base::Result<Source> parse_ticket(int level) {
    auto pointer = parse_pointer(level);
    if (!pointer) return tl::unexpected(pointer.error());
    return Source{TicketSource{*std::move(pointer)}};
  }

  base::Result<Source> parse_evidence(int level) {
    const auto hash = rest_.find('#');
    const auto step = rest_.substr(0, hash);
    if (hash == std::string_view::npos || !step_name_valid(step))
      return invalid("evidence is named by the step that read it, a # and a pointer");
    rest_.remove_prefix(hash + 1);
    auto pointer = parse_pointer(level);
    if (!pointer) return tl::unexpected(pointer.error());
    return Source{EvidenceSource{std::string(step), *std::move(pointer)}};
  }

  base::Result<Source> parse_constant(int level) {
    const auto id = take_word(level);
    if (!constant_id_valid(id)) return invalid("a constant is named by letters, digits, and _ . @ -");
    return Source{ConstantSource{std::string(id)}};
  }

  base::Result<Source> parse_derived(int level) {
    if (level > most_source_levels) return invalid("derived sources are nested at most 4 deep");
    const auto open = rest_.find('(');
    const auto function = find_named<SourceFunction>(rest_.substr(0, open));
    if (open == std::string_view::npos || !function) return invalid("a derived source is sum(…), min(…), max(…) or difference(…)");
    rest_.remove_prefix(open + 1);
    DerivedSource derived{*function, {}};
    do {
      skip_spaces();
      auto input = parse_source(level);
      if (!input) return input;
      derived.inputs.push_back(*std::move(input));
    } while (take(","));
    if (!take(")")) return invalid("a derived source ends with a parenthesis");
    if (*function == SourceFunction::difference && derived.inputs.size() < 2) return invalid("a difference has two inputs or more");
    return Source{std::move(derived)};
  }

  base::Result<Pointer> parse_pointer(int level) {
    const auto text = take_word(level);
    if (text.empty()) return invalid("a source points at something inside, with a pointer that begins with a slash");
    if (level > 0 && text.find('(') != std::string_view::npos) return invalid("a pointer inside a derived source holds no parenthesis");
    auto pointer = Pointer::parse(text);
    if (!pointer) return invalid(pointer.error().detail);
    return pointer;
  }

  // Up to the end, or inside a derived source up to what ends an input.
  std::string_view take_word(int level) {
    const auto word = rest_.substr(0, level == 0 ? std::string_view::npos : rest_.find_first_of(",)"));
    rest_.remove_prefix(word.size());
    return word;
  }

  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  void skip_spaces() {
    while (rest_.starts_with(' ')) rest_.remove_prefix(1);
  }

  std::string_view rest_;
  int inputs_ = 0;
};

base::Result<Value> derive(SourceFunction function, const std::vector<Value>& inputs) {
  switch (function) {
    case SourceFunction::sum:
      return sum_of(inputs);
    case SourceFunction::min:
      return min_of(inputs);
    case SourceFunction::max:
      return max_of(inputs);
    case SourceFunction::difference:
      return difference_of(inputs);
  }
  return invalid("there is no such function");
}

base::Result<Sourced> follow(const TicketSource& source, const SourceReader& reader) { return reader.ticket(source.pointer); }
base::Result<Sourced> follow(const EvidenceSource& source, const SourceReader& reader) {
  return reader.evidence(source.step, source.pointer);
}
base::Result<Sourced> follow(const ConstantSource& source, const SourceReader& reader) { return reader.constant(source.id); }
base::Result<Sourced> follow(const DerivedSource& source, const SourceReader& reader) {
  std::vector<Value> values;
  Origin origin = Origin::system_of_record;
  for (const auto& input : source.inputs) {
    auto sourced = evaluate(input, reader);
    if (!sourced) return sourced;
    origin = worst(origin, sourced->origin);
    values.push_back(std::move(sourced->value));
  }
  auto value = derive(source.function, values);
  if (!value) return tl::unexpected(value.error());
  return Sourced{*std::move(value), origin};
}

std::string text_of(const TicketSource& source) { return "ticket:" + source.pointer.text(); }
std::string text_of(const EvidenceSource& source) { return "evidence:" + source.step + "#" + source.pointer.text(); }
std::string text_of(const ConstantSource& source) { return "constant:" + source.id; }
std::string text_of(const DerivedSource& source) {
  std::string text = "derived:" + std::string(name_of(source.function)) + "(";
  for (std::size_t i = 0; i < source.inputs.size(); ++i) text += (i == 0 ? "" : ",") + to_text(source.inputs[i]);
  return text + ")";
}

}  // namespace

bool step_name_valid(std::string_view name) noexcept {
  if (name.empty() || name.size() > 40 || !lower(name[0])) return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return lower(c) || digit(c) || c == '_'; });
}

base::Result<Source> parse_source(std::string_view text) {
  if (text.size() > most_source_bytes) return invalid("a source is at most 1 KiB long");
  return SourceParser(text).parse();
}

std::string to_text(const Source& source) {
  return std::visit([](const auto& form) { return text_of(form); }, source.form);
}

base::Result<Sourced> evaluate(const Source& source, const SourceReader& reader) {
  auto sourced = std::visit([&](const auto& form) { return follow(form, reader); }, source.form);
  if (sourced && sourced->value.null()) return base::refuse(std::string(codes::source_absent), "there is nothing at " + to_text(source));
  return sourced;
}

}  // namespace countersign::domain
