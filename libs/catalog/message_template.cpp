#include "catalog/message_template.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "catalog/mistakes.hpp"
#include "catalog/spelling.hpp"
#include "contracts/text_rules.hpp"
#include "contracts/value.hpp"

namespace countersign::catalog {

namespace {

using nlohmann::json;

constexpr std::size_t most_value_bytes = 8'000;
constexpr std::size_t most_subject_characters = 250;

struct Piece {
  bool variable = false;
  std::string_view text;  // or the variable's name
};

// Literal text and variables in turn. Refuses with template_malformed.
base::Result<std::vector<Piece>> split(std::string_view text) {
  std::vector<Piece> pieces;
  while (!text.empty()) {
    const auto open = text.find("{{");
    if (open != 0) pieces.push_back({false, text.substr(0, open)});
    if (open == std::string_view::npos) break;
    const auto close = text.find("}}", open);
    if (close == std::string_view::npos) return base::refuse("template_malformed", "a {{ without }}");
    const auto name = text.substr(open + 2, close - open - 2);
    if (!contracts::valid_step_name(name))
      return base::refuse("template_malformed", "between {{ and }} stands the name of a variable and nothing else");
    pieces.push_back({true, name});
    text.remove_prefix(close + 2);
  }
  return pieces;
}

using Values = std::map<std::string, std::string, std::less<>>;

template <typename Write>
std::string fill(std::string_view text, const Values& values, Write write) {
  std::string filled;
  for (const auto& piece : split(text).value_or(std::vector<Piece>{}))
    filled += piece.variable ? write(values.find(piece.text)->second) : std::string(piece.text);
  return filled;
}

std::string as_it_is(const std::string& value) { return value; }

std::string escaped(const std::string& value) {
  static const std::map<char, std::string> entities{{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
  std::string html;
  for (const char c : value) {
    const auto entity = entities.find(c);
    entity == entities.end() ? html += c : html += entity->second;
  }
  return html;
}

bool printable_lines(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return control_character(c) && c != '\n' && c != '\t'; });
}

// Line ends of Unicode count too: some mail programs obey them. (U+0085, U+2028, U+2029)
bool one_line(std::string_view text) {
  const auto has = [text](std::string_view end) { return text.find(end) != std::string_view::npos; };
  return std::none_of(text.begin(), text.end(), control_character) && !has("\xc2\x85") && !has("\xe2\x80\xa8") && !has("\xe2\x80\xa9");
}

base::Result<std::string> text_of(const std::string& name, const json& value) {
  if (value.is_number_integer()) return std::to_string(value.get<std::int64_t>());
  if (const auto typed = contracts::to_value(value); typed.money() != nullptr) return base::to_text(*typed.money());
  if (!value.is_string()) return base::refuse("variable_refused", name + " is no text, integer or money");
  std::string text = value.get<std::string>();
  for (auto at = text.find("\r\n"); at != std::string::npos; at = text.find("\r\n", at)) text.erase(at, 1);
  if (text.size() > most_value_bytes || !printable_lines(text) || !contracts::valid_utf8(text))
    return base::refuse("variable_refused", name + " is too long or has control characters");
  return text;
}

base::Result<Values> values_of(const MessageTemplate& message, const json& given) {
  if (!given.is_object()) return base::refuse("variable_missing", "the variables are not an object");
  Values values;
  for (const auto& name : message.variables) {
    if (!given.contains(name)) return base::refuse("variable_missing", message.label() + " needs " + name);
    auto text = text_of(name, given.at(name));
    if (!text) return tl::unexpected(std::move(text.error()));
    values.emplace(name, std::move(*text));
  }
  for (const auto& [name, value] : given.items())
    if (!values.contains(name)) return base::refuse("variable_unknown", message.label() + " has no place for " + name.substr(0, 64));
  return values;
}

// Follows HTML far enough to know whether a place lies between tags.
class TagWatcher {
 public:
  void pass(std::string_view literal) {
    for (const char c : literal) step(c);
  }
  bool between_tags() const { return !in_tag_; }

 private:
  void step(char c) {
    if (!in_tag_) {
      in_tag_ = c == '<';
    } else if (quote_ != '\0') {
      if (c == quote_) quote_ = '\0';
    } else if (c == '"' || c == '\'') {
      quote_ = c;
    } else if (c == '>') {
      in_tag_ = false;
    }
  }

  bool in_tag_ = false;
  char quote_ = '\0';
};

// Elements whose content is not text, where escaping would not help.
bool plain_markup(std::string html) {
  std::transform(html.begin(), html.end(), html.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const auto has = [&html](const char* opening) { return html.find(opening) != std::string::npos; };
  return !has("<script") && !has("<style") && !has("<!--") && !has("<iframe") && !has("<svg") && !has("<math") && !has("<xmp") &&
         !has("<noscript");
}

void check_html(const std::string& html, Mistakes& mistakes) {
  mistakes.check(plain_markup(html), "html has scripts, styles, comments or frames");
  TagWatcher watcher;
  for (const auto& piece : split(html).value_or(std::vector<Piece>{})) {
    if (!piece.variable) watcher.pass(piece.text);
    mistakes.check(!piece.variable || watcher.between_tags(), "html has {{" + std::string(piece.text) + "}} inside a tag");
  }
}

std::set<std::string> places_in(const char* part, const std::string& text, Mistakes& mistakes) {
  std::set<std::string> places;
  const auto pieces = split(text);
  if (!pieces) mistakes.add(std::string(part) + ": " + pieces.error().detail);
  for (const auto& piece : pieces.value_or(std::vector<Piece>{}))
    if (piece.variable) places.emplace(piece.text);
  return places;
}

void check_variables(const MessageTemplate& message, Mistakes& mistakes) {
  auto places = places_in("subject", message.subject, mistakes);
  places.merge(places_in("text", message.text, mistakes));
  if (message.html) places.merge(places_in("html", *message.html, mistakes));
  const std::set<std::string> listed(message.variables.begin(), message.variables.end());
  for (const auto& name : places) mistakes.check(listed.contains(name), "{{" + name + "}} is not listed in variables");
  for (const auto& name : listed) mistakes.check(places.contains(name), "the variable " + name + " has no place");
}

}  // namespace

base::Result<RenderedMessage> render(const MessageTemplate& message, const contracts::Json& variables) {
  const auto values = values_of(message, variables.value());
  if (!values) return tl::unexpected(values.error());
  RenderedMessage rendered{fill(message.subject, *values, as_it_is), fill(message.text, *values, as_it_is), std::nullopt};
  if (!one_line(rendered.subject) || contracts::code_points(rendered.subject) > most_subject_characters)
    return base::refuse("variable_refused", "the subject of " + message.label() + " would be too long or more than one line");
  if (message.html) rendered.html = fill(*message.html, *values, escaped);
  return rendered;
}

base::Result<MessageTemplate> parse_template(const Document& document) {
  if (auto fine = check_kind(document, "template"); !fine) return tl::unexpected(fine.error());
  const auto& body = document.body.value();
  MessageTemplate message{.tenant = document.tenant,
                          .name = document.name,
                          .version = document.version,
                          .subject = body.at("subject"),
                          .text = body.at("text"),
                          .html = body.contains("html") ? std::optional(body.at("html").get<std::string>()) : std::nullopt,
                          .variables = body.at("variables"),
                          .claims = body.at("claims")};
  Mistakes mistakes;
  mistakes.check(one_line(message.subject), "subject is more than one line");
  mistakes.check(printable_lines(message.text), "text has control characters");
  check_variables(message, mistakes);
  if (message.html) check_html(*message.html, mistakes);
  if (mistakes.any()) return mistakes.refusal("document_invalid");
  return message;
}

}  // namespace countersign::catalog
