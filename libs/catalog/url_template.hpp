#pragma once

// UrlTemplate: http://host:port/fixed/{variable}/…?name={variable}. Scheme, host and port are fixed; a variable fills a whole path segment
// or a whole query value and is always percent-encoded.
//
// Promise    Whatever the values, the rendered URL has the template's origin and as many segments and query values as the template.
// Failure    parse refuses with url_template_invalid; render with variable_missing, variable_refused (empty, ".", "..", a slash, a
//            backslash, a control character, over 256 bytes, not UTF-8).

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace countersign::catalog {

class UrlTemplate {
 public:
  static base::Result<UrlTemplate> parse(std::string_view text);

  base::Result<std::string> render(const std::map<std::string, std::string>& variables) const;
  std::vector<std::string> variables() const;
  const std::string& origin() const noexcept { return origin_; }  // scheme://host[:port]
  const std::string& text() const noexcept { return text_; }

 private:
  struct Part {
    bool variable = false;
    std::string text;  // what is sent as it is, or the variable's name
  };
  struct QueryValue {
    std::string name;
    Part value;
  };
  static base::Result<Part> parse_part(std::string_view text, bool in_query);

  std::string text_;
  std::string origin_;
  std::vector<Part> segments_;
  std::vector<QueryValue> query_;
};

}  // namespace countersign::catalog
