#include "http/message.hpp"

#include <vector>

#include "base/hex.hpp"
#include "telemetry/log_line.hpp"

namespace countersign::http {

Response problem(int status, std::string_view type, std::string_view detail, std::string_view hint) {
  std::vector<telemetry::Field> members{
      {"type", "urn:countersign:problem:" + std::string(type)}, {"title", reason_of(status)}, {"status", status}, {"detail", detail}};
  if (!hint.empty()) members.emplace_back("hint", hint);
  return {status, "application/problem+json", telemetry::render_object(members), {}};
}

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return status < 400 ? "OK" : "Error";
  }
}

std::optional<std::string> decode_percent(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[at] != '%') {
      decoded += text[at];
    } else {
      if (at + 2 >= text.size()) return std::nullopt;
      const auto byte = base::read_hex(text[at + 1], text[at + 2]);
      if (!byte || *byte == 0) return std::nullopt;
      decoded += static_cast<char>(*byte);
      at += 2;
    }
  }
  return decoded;
}

}  // namespace countersign::http
