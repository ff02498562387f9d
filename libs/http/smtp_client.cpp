#include "http/smtp_client.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>

#include "base/errors.hpp"
#include "http/curl_start.hpp"
#include "http/smtp_transfer.hpp"

namespace countersign::http {
namespace {

bool name_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-'; }

}  // namespace

SmtpClient::SmtpClient(SmtpOptions options) : options_(std::move(options)) {
  start_curl_once();
  if (!options_.ca_file.empty() && !std::ifstream(options_.ca_file))
    throw base::Misconfigured("the CA file for mail servers " + options_.ca_file + " cannot be read");
  if (!std::all_of(options_.hello_name.begin(), options_.hello_name.end(), name_character))
    throw base::Misconfigured("the name to introduce ourselves to mail servers with is no host name: " + options_.hello_name);
}

SmtpOutcome SmtpClient::send(const SmtpServer& server, const Posting& posting, std::stop_token stop) const {
  return SmtpTransfer(options_, server, posting, std::move(stop)).perform();
}

}  // namespace countersign::http
