#include "runtime/settings.hpp"

#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cctype>

#include "base/invariant.hpp"
#include "runtime/setting_values.hpp"

namespace countersign::runtime {
namespace {

constexpr std::string_view prefix = "COUNTERSIGN_";

// Of a pair the whole value is masked: unlike in a connection string, it may contain spaces.
std::string mask_pair(const std::string& pair) {
  const auto equals = std::min(pair.find('='), pair.size());
  const std::string probe = pair.substr(0, equals) + "=x";
  return carries_secret(probe) ? mask_secrets(probe) : mask_secrets(pair);
}

std::string_view name_of(Source source) {
  switch (source) {
    case Source::flag:
      return "flag";
    case Source::environment:
      return "environment";
    case Source::by_default:
      return "default";
  }
  return "default";
}

}  // namespace

Environment process_environment() {
  Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text(*entry);
    const auto equals = text.find('=');
    if (equals != std::string::npos) environment[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return environment;
}

std::string not_empty(const std::string& value) { return value.empty() ? "be set" : ""; }

std::string variable_of(const std::string& name) {
  std::string variable(prefix);
  for (const char c : name) variable += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return variable;
}

void Settings::declare(Setting setting) {
  const auto [at, added] = settings_.emplace(setting.name, std::move(setting));
  COUNTERSIGN_INVARIANT(added, "a setting is declared once");
  static_cast<void>(at->second.take({at->second.by_default}));
}

void Settings::declare(const std::string& name, const std::string& sentence, const std::string& by_default, const std::string& placeholder,
                       Check take) {
  declare(Setting{name, sentence, by_default, placeholder, false,
                  [take = std::move(take)](const std::vector<std::string>& values) { return take(values.front()); }});
}

void Settings::text(std::string& into, const std::string& name, const std::string& sentence, const std::string& by_default, Check check) {
  declare(name, sentence, by_default, "TEXT", [&into, check = std::move(check)](const std::string& value) {
    into = value;
    return check ? check(value) : std::string{};
  });
}

void Settings::number(const std::string& name, const std::string& sentence, std::int64_t by_default, std::int64_t least, std::int64_t most,
                      std::function<void(std::int64_t)> assign) {
  declare(name, sentence, std::to_string(by_default), "NUMBER", [=](const std::string& value) -> std::string {
    const auto read = to_integer(value);
    if (!read || *read < least || *read > most) {
      return "be a whole number from " + std::to_string(least) + " to " + std::to_string(most);
    }
    assign(*read);
    return {};
  });
}

void Settings::duration(std::chrono::milliseconds& into, const std::string& name, const std::string& sentence,
                        std::chrono::milliseconds by_default, std::chrono::milliseconds least, std::chrono::milliseconds most) {
  declare(name, sentence, write_duration(by_default), "DURATION", [&into, least, most](const std::string& value) -> std::string {
    const auto read = to_duration(value);
    if (!read || *read < least || *read > most) {
      return "be a time such as 250ms, 5s, 2m or 1h, from " + write_duration(least) + " to " + write_duration(most);
    }
    into = *read;
    return {};
  });
}

void Settings::flag(bool& into, const std::string& name, const std::string& sentence, bool by_default) {
  declare(name, sentence, by_default ? "true" : "false", "", [&into](const std::string& value) -> std::string {
    const bool yes = value == "true" || value == "1";
    if (!yes && value != "false" && value != "0") return "be true or false";
    into = yes;
    return {};
  });
}

void Settings::word(const std::string& name, const std::string& sentence, const std::string& by_default,
                    const std::vector<std::string>& words, std::function<void(const std::string&)> assign) {
  declare(name, sentence, by_default, join(words, "|"), [words, assign = std::move(assign)](const std::string& value) -> std::string {
    if (std::find(words.begin(), words.end(), value) == words.end()) return "be one of " + join(words, ", ");
    assign(value);
    return {};
  });
}

void Settings::secret_file(std::string& path, const std::string& name, const std::string& sentence) {
  declare(name, sentence, "", "FILE", [&path](const std::string& value) {
    path = value;
    std::string content;
    return value.empty() ? std::string{} : read_secret(value, content);
  });
}

void Settings::secret_file(base::Secret& content, const std::string& name, const std::string& sentence) {
  declare(name, sentence, "", "FILE", [&content](const std::string& value) {
    std::string text;
    const std::string mistake = value.empty() ? std::string{} : read_secret(value, text);
    content = base::Secret(mistake.empty() ? text : std::string{});
    return mistake;
  });
}

void Settings::pairs(Pairs& into, const std::string& name, const std::string& sentence) {
  declare(Setting{name, sentence, "", "NAME=VALUE", true, [&into](const std::vector<std::string>& values) -> std::string {
                    into.clear();
                    for (const auto& value : values) {
                      if (value.empty()) continue;
                      const auto equals = value.find('=');
                      if (equals == std::string::npos || equals == 0) return "be written as name=value";
                      into.emplace_back(value.substr(0, equals), value.substr(equals + 1));
                    }
                    return {};
                  }});
}

void Settings::relation(std::function<std::string()> check) { relations_.push_back(std::move(check)); }

void Settings::read_flags(const std::vector<std::string>& arguments, std::vector<std::string>& mistakes) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::map<std::string, std::vector<std::string>> given;
  std::map<std::string, CLI::Option*> options;
  for (const auto& [name, setting] : settings_) {
    const bool is_flag = setting.placeholder.empty();
    auto* option = app.add_option("--" + name, given[name])->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    option->type_size(is_flag ? 0 : 1, 1)->allow_extra_args(false);
    if (is_flag) option->expected(0, 1);
    options[name] = option;
  }
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 reads from the back
  } catch (const CLI::ParseError& error) {
    mistakes.emplace_back(error.what());
  }
  bool after_unknown_flag = false;
  for (const auto& extra : app.remaining()) {
    const bool dashed = extra.starts_with('-');
    if (dashed)
      mistakes.push_back("unknown flag " + extra.substr(0, extra.find('=')));
    else if (!after_unknown_flag)
      mistakes.push_back("unexpected argument '" + extra + "'");
    after_unknown_flag = dashed;
  }
  misused_ = !mistakes.empty();
  for (auto& [name, setting] : settings_) {
    const auto& results = options[name]->results();
    if (options[name]->count() == 0) continue;
    if (results.size() > 1 && !setting.repeatable) mistakes.push_back("--" + name + " is given more than once");
    setting.source = Source::flag;
    setting.values = results;
    for (auto& value : setting.values) {
      if (setting.placeholder.empty() && (value.empty() || value == "{}")) value = "true";
    }
  }
}

void Settings::read_environment(const Environment& environment) {
  std::map<std::string, Setting*> by_variable;
  for (auto& [name, setting] : settings_) by_variable[variable_of(name)] = &setting;
  for (const auto& [variable, value] : environment) {
    if (!variable.starts_with(prefix) || variable.starts_with("COUNTERSIGN_CRASH_") || value.empty()) continue;
    const auto found = by_variable.find(variable);
    if (found == by_variable.end()) {
      warnings_.push_back(variable + " is not a setting of this process and is ignored");
    } else if (found->second->source != Source::flag) {
      found->second->source = Source::environment;
      found->second->values = found->second->repeatable ? split(value, ';') : std::vector<std::string>{value};
    }
  }
}

std::vector<std::string> Settings::load(const std::vector<std::string>& arguments, const Environment& environment) {
  std::vector<std::string> mistakes;
  read_flags(arguments, mistakes);
  read_environment(environment);
  for (auto& [name, setting] : settings_) {
    if (setting.values.empty()) setting.values = {setting.by_default};
    const std::string mistake = setting.take(setting.values);
    if (mistake.empty()) continue;
    const std::string value = mask_secrets(join(setting.values, ";"));
    mistakes.push_back("--" + name + " (" + variable_of(name) + ") must " + mistake + (value.empty() ? "" : "; it is '" + value + "'") +
                       ". " + setting.sentence);
  }
  if (!mistakes.empty()) return mistakes;
  for (const auto& check : relations_) {
    if (auto mistake = check(); !mistake.empty()) mistakes.push_back(std::move(mistake));
  }
  return mistakes;
}

Source Settings::source(const std::string& name) const { return settings_.at(name).source; }

std::string Settings::print() const {
  std::string text;
  for (const auto& [name, setting] : settings_) {
    std::string value;
    for (const auto& each : setting.values) {
      value += (value.empty() ? "" : ";") + (setting.repeatable ? mask_pair(each) : mask_secrets(each));
    }
    text += name + "=" + value + "   # from " + std::string(name_of(setting.source)) + "\n";
  }
  return text;
}

std::string Settings::help() const {
  std::string text;
  for (const auto& [name, setting] : settings_) {
    text += "  --" + name + (setting.placeholder.empty() ? "" : " " + setting.placeholder) + (setting.repeatable ? " …" : "") + "\n      " +
            setting.sentence + " [" + (setting.by_default.empty() ? "none" : setting.by_default) + "] " + variable_of(name) + "\n";
  }
  return text;
}

}  // namespace countersign::runtime
