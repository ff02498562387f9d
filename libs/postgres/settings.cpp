#include "postgres/settings.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>

#include "base/errors.hpp"
#include "base/secret_line.hpp"

namespace countersign::postgres {

namespace {

constexpr const char* connect_timeout_seconds = "5";
// Unacknowledged bytes for this long mean that the peer's machine is gone; the client deadline covers a process that merely stands still.
constexpr const char* tcp_user_timeout_millis = "10000";

ConnectionOptions parse(const std::string& conninfo) {
  char* complaint = nullptr;
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> parsed(PQconninfoParse(conninfo.c_str(), &complaint),
                                                                              &PQconninfoFree);
  const std::unique_ptr<char, void (*)(void*)> freed(complaint, &PQfreemem);
  if (!parsed) {
    throw base::Misconfigured(std::string("the connection string cannot be read: ") + (complaint ? complaint : "out of memory"));
  }
  ConnectionOptions options;
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) options.emplace_back(option->keyword, option->val);
  }
  return options;
}

std::string* find(ConnectionOptions& options, const std::string& keyword) {
  const auto found = std::find_if(options.begin(), options.end(), [&](const auto& option) { return option.first == keyword; });
  return found == options.end() ? nullptr : &found->second;
}

void set_absent(ConnectionOptions& options, const std::string& keyword, const std::string& value) {
  if (!value.empty() && find(options, keyword) == nullptr) options.emplace_back(keyword, value);
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// planner, odd"name → "planner","odd""name"
std::string quoted_search_path(const std::string& path) {
  std::string quoted;
  for (std::size_t from = 0; from <= path.size();) {
    const auto comma = std::min(path.find(',', from), path.size());
    const std::string schema = trimmed(path.substr(from, comma - from));
    from = comma + 1;
    if (schema.empty()) continue;
    quoted += quoted.empty() ? "\"" : ",\"";
    for (const char c : schema) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    quoted += '"';
  }
  return quoted;
}

// One "-c name=value" of the options keyword, where a backslash protects spaces and backslashes.
std::string server_setting(const std::string& name, const std::string& value) {
  std::string text = "-c " + name + "=";
  for (const char c : value) {
    if (c == ' ' || c == '\\') text += '\\';
    text += c;
  }
  return text + " ";
}

// Our statements name their rows by keys that come in arrays and are bounded by a batch. A plan that is made anew for each length of the
// arrays, or from statistics of a table that was still empty, sooner or later reads a whole table for a few keys: the cost of a batch would
// then follow the size of the table. So there is one plan for a statement, and it walks the index.
std::string walks_the_index() {
  return server_setting("plan_cache_mode", "force_generic_plan") + server_setting("enable_seqscan", "off") +
         server_setting("enable_hashjoin", "off") + server_setting("enable_mergejoin", "off") + server_setting("jit", "off");
}

std::string server_settings(const ConnectionSettings& settings) {
  std::string text = server_setting("statement_timeout", std::to_string(settings.statement_timeout.count()));
  text += server_setting("lock_timeout", std::to_string(settings.lock_timeout.count()));
  text += server_setting("idle_in_transaction_session_timeout", std::to_string(settings.idle_in_transaction_timeout.count()));
  text += server_setting("TimeZone", "UTC") + walks_the_index();
  const std::string path = quoted_search_path(settings.search_path);
  if (!path.empty()) text += server_setting("search_path", path);
  return text;
}

std::string quoted_value(const std::string& value) {
  std::string quoted = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

}  // namespace

ConnectionOptions connection_options(const ConnectionSettings& settings) {
  ConnectionOptions options = parse(settings.conninfo);
  // The server takes the last of two, so the user's come after ours.
  if (std::string* own = find(options, "options")) {
    *own = server_settings(settings) + *own;
  } else {
    options.emplace_back("options", server_settings(settings));
  }
  if (!settings.password_file.empty() && find(options, "password") == nullptr) {
    options.emplace_back("password", base::read_secret_line(settings.password_file, "the password file").reveal());
  }
  set_absent(options, "application_name", settings.application_name);
  set_absent(options, "connect_timeout", connect_timeout_seconds);
  set_absent(options, "tcp_user_timeout", tcp_user_timeout_millis);
  set_absent(options, "client_encoding", "UTF8");
  return options;
}

std::string with_option(const std::string& conninfo, const std::string& keyword, const std::string& value) {
  ConnectionOptions options = parse(conninfo);
  if (std::string* present = find(options, keyword)) {
    *present = value;
  } else {
    options.emplace_back(keyword, value);
  }
  std::string text;
  for (const auto& [name, setting] : options) text += (text.empty() ? "" : " ") + name + "=" + quoted_value(setting);
  return text;
}

std::string option_of(const std::string& conninfo, const std::string& keyword) {
  ConnectionOptions options = parse(conninfo);
  const std::string* present = find(options, keyword);
  return present != nullptr ? *present : std::string{};
}

}  // namespace countersign::postgres
