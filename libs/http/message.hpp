#pragma once

// Request and Response: what a handler of our own servers sees and answers. Free of any library's types.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/headers.hpp"

namespace countersign::http {

struct Request {
  std::string method;
  std::string path;                               // as sent, without the query
  std::map<std::string, std::string> parameters;  // of the pattern's {segments}, decoded
  std::map<std::string, std::string> query;       // decoded; of a repeated name the last
  base::Headers headers;                          // names in lower case
  std::string body;
  std::string peer;  // the address the connection comes from

  // `name` in lower case.
  std::optional<std::string_view> header(std::string_view name) const { return base::find_header(headers, name); }
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  base::Headers headers;
};

// An answer of media type application/problem+json (RFC 9457). `type` is the last word of a stable URN; `hint` says what to do.
Response problem(int status, std::string_view type, std::string_view detail, std::string_view hint = {});

// The customary phrase of a status, such as "Not Found".
std::string_view reason_of(int status);

// Percent-decoding; absent when an escape is incomplete or stands for NUL.
std::optional<std::string> decode_percent(std::string_view text, bool plus_is_space = false);

}  // namespace countersign::http
