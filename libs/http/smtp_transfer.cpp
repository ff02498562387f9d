#include "http/smtp_transfer.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <new>
#include <string_view>

#include "http/mail_address.hpp"

namespace countersign::http {
namespace {

using Kind = SmtpOutcome::Kind;

constexpr std::size_t longest_answer = 300;
constexpr std::chrono::seconds patience_for_parting{1};

bool host_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == ':'; }

// What goes into the URL: a name, or a literal address.
bool good_host(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), host_character);
}

// It ends up in a text column, a log line and a message.
std::string printable(std::string_view text) {
  std::string clean(text.substr(0, longest_answer));
  std::replace_if(
      clean.begin(), clean.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return clean;
}

bool header_safe(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool port_allowed(const AddressPolicy& policy, std::uint16_t port) {
  return std::any_of(policy.ports.begin(), policy.ports.end(), [&](PortRange range) { return range.first <= port && port <= range.last; });
}

}  // namespace

SmtpTransfer::SmtpTransfer(const SmtpOptions& options, const SmtpServer& server, const Posting& posting, std::stop_token stop)
    : options_(options), server_(server), posting_(posting), stop_(std::move(stop)), handle_(curl_easy_init()) {
  if (!handle_) throw std::bad_alloc();
}

SmtpOutcome SmtpTransfer::perform() {
  if (auto objection = find_objection(); !objection.empty()) return {Kind::not_sent, 0, {}, std::move(objection), 0};
  configure();
  return conclude(curl_easy_perform(handle_.get()));
}

std::string SmtpTransfer::find_objection() const {
  if (!good_host(server_.host)) return "the mail server's name is not one";
  if (!port_allowed(options_.address_policy, server_.port)) return "this port is not on the list of allowed ports";
  if (!check_mail_address(posting_.sender)) return "the sender is not an address";
  if (!check_mail_address(posting_.recipient)) return "the recipient is not an address";
  if (!header_safe(server_.user) || !header_safe(server_.password.reveal())) return "user or password have control characters";
  if (stop_.stop_requested()) return "the service stops";
  return {};
}

void SmtpTransfer::configure() {
  CURL* const curl = handle_.get();
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error_);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(options_.connect_timeout.count(), 1)));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(options_.total_timeout.count(), 1)));
  curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);  // otherwise a timeout waits for the resolver
  set_server();
  set_message();
  set_observers();
}

void SmtpTransfer::set_server() {
  CURL* const curl = handle_.get();
  const bool literal_v6 = server_.host.find(':') != std::string::npos;
  const std::string host = literal_v6 ? "[" + server_.host + "]" : server_.host;
  const std::string scheme = server_.security == SmtpSecurity::tls ? "smtps://" : "smtp://";
  const std::string url = scheme + host + ":" + std::to_string(server_.port) + "/" + options_.hello_name;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(curl, CURLOPT_USE_SSL, static_cast<long>(server_.security == SmtpSecurity::none ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!options_.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, options_.ca_file.c_str());
  if (server_.user.empty()) return;
  curl_easy_setopt(curl, CURLOPT_USERNAME, server_.user.c_str());
  curl_easy_setopt(curl, CURLOPT_PASSWORD, server_.password.reveal().c_str());
}

void SmtpTransfer::set_message() {
  CURL* const curl = handle_.get();
  recipients_.reset(curl_slist_append(nullptr, ("<" + posting_.recipient + ">").c_str()));
  if (!recipients_) throw std::bad_alloc();
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM, ("<" + posting_.sender + ">").c_str());
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients_.get());
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  // No size is stated: curl would stop asking once it has so many bytes, and we would not see the end (on_read).
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, &SmtpTransfer::on_read);
  curl_easy_setopt(curl, CURLOPT_READDATA, this);
}

void SmtpTransfer::set_observers() {
  CURL* const curl = handle_.get();
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, &SmtpTransfer::on_open);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &SmtpTransfer::on_answer);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
  curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, &SmtpTransfer::on_debug);
  curl_easy_setopt(curl, CURLOPT_DEBUGDATA, this);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &SmtpTransfer::on_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, this);
}

SmtpOutcome SmtpTransfer::conclude(CURLcode code) const {
  SmtpOutcome outcome;
  outcome.kind = kind_of_end();
  outcome.code = code_;
  outcome.answer = answer_;
  curl_off_t micros = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_TOTAL_TIME_T, &micros);
  outcome.seconds = static_cast<double>(micros) / 1e6;
  if (outcome.kind != Kind::accepted) outcome.error = describe(code);
  return outcome;
}

// Judged by what was seen and not by curl's code: it reports some refusals, and what goes wrong while parting, as something else.
Kind SmtpTransfer::kind_of_end() const {
  if (all_given_ && !answered_) return Kind::maybe_sent;
  if (answered_ && code_ / 100 == 2) return Kind::accepted;
  if (mail_begun_ && code_ / 100 == 5) return Kind::refused_permanent;
  if (mail_begun_ && code_ / 100 == 4) return Kind::refused_temporary;
  return answered_ ? Kind::maybe_sent : Kind::not_sent;  // an answer that is none says nothing
}

std::string SmtpTransfer::describe(CURLcode code) const {
  if (!refused_address_.empty()) return "the address " + refused_address_ + " is not one that mail may go to";
  if (code_ >= 400) return "the server answered " + answer_;
  std::string why = printable(error_[0] != '\0' ? error_ : curl_easy_strerror(code));
  if (stop_.stop_requested() && code == CURLE_ABORTED_BY_CALLBACK) why = "the service stops";
  return all_given_ ? "no answer to the end of the message: " + why : why;
}

void SmtpTransfer::take_answer(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  const auto digit = [&](std::size_t i) { return line[i] >= '0' && line[i] <= '9'; };
  if (line.size() < 3 || !digit(0) || !digit(1) || !digit(2)) return;
  if (parting_ || (line.size() > 3 && line[3] == '-')) return;  // not about the message any more; more lines of this answer come
  code_ = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  answer_ = printable(line);
  answered_ = all_given_;
}

std::size_t SmtpTransfer::on_read(char* room, std::size_t size, std::size_t count, void* self) noexcept {
  auto& transfer = *static_cast<SmtpTransfer*>(self);
  const std::string& mail = transfer.posting_.mail;
  const std::size_t taken = std::min(mail.size() - transfer.given_, size * count);
  std::memcpy(room, mail.data() + transfer.given_, taken);
  transfer.given_ += taken;
  if (taken == 0) transfer.all_given_ = true;
  return taken;
}

std::size_t SmtpTransfer::on_answer(char* bytes, std::size_t size, std::size_t count, void* self) noexcept try {
  static_cast<SmtpTransfer*>(self)->take_answer({bytes, size * count});
  return size * count;
} catch (...) {
  return 0;
}

int SmtpTransfer::on_debug(CURL*, curl_infotype what, char* bytes, std::size_t size, void* self) noexcept {
  auto& transfer = *static_cast<SmtpTransfer*>(self);
  const std::string_view command(bytes, size);
  if (what != CURLINFO_HEADER_OUT) return 0;
  if (command.starts_with("MAIL FROM:")) transfer.mail_begun_ = true;
  if (command.starts_with("QUIT") && !transfer.parting_) {
    transfer.parting_ = true;
    transfer.parting_since_ = std::chrono::steady_clock::now();
  }
  return 0;
}

int SmtpTransfer::on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
  const auto& transfer = *static_cast<SmtpTransfer*>(self);
  if (transfer.stop_.stop_requested()) return 1;
  // A server that does not say goodbye must not keep us from writing down what became of the message.
  return transfer.parting_ && std::chrono::steady_clock::now() - transfer.parting_since_ > patience_for_parting ? 1 : 0;
}

curl_socket_t SmtpTransfer::on_open(void* self, curlsocktype, curl_sockaddr* address) noexcept try {
  auto& transfer = *static_cast<SmtpTransfer*>(self);
  const auto ip = IpAddress::from(address->addr);
  const bool in_the_clear = transfer.server_.security == SmtpSecurity::none;
  const bool here_only = in_the_clear && ip && !loopback(*ip);  // whatever the policy
  if (!ip || here_only || !permits(transfer.options_.address_policy.scope, *ip, in_the_clear)) {
    transfer.refused_address_ = ip ? ip->str() : "of an unknown family";
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
} catch (...) {
  return CURL_SOCKET_BAD;
}

}  // namespace countersign::http
