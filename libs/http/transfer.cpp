#include "http/transfer.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <new>
#include <string_view>

#include "base/mutation.hpp"

namespace countersign::http {
namespace {

constexpr std::size_t most_header_bytes = 64 * 1024;

std::string lower(std::string_view text) {
  std::string copy(text);
  std::transform(copy.begin(), copy.end(), copy.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return copy;
}

// RFC 9110, section 5.6.2.
bool token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return (c < 0x80 && std::isalnum(c) != 0) || marks.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

bool header_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

// Two of these would let whoever fills a header decide where one request ends and the next begins; the rest are the connection's.
bool written_by_us(const std::string& name) {
  constexpr std::array<std::string_view, 5> ours{"host", "content-length", "transfer-encoding", "connection", "expect"};
  return std::find(ours.begin(), ours.end(), lower(name)) != ours.end();
}

std::string find_objection(const Call& call, const base::Result<CheckedUrl>& url) {
  if (!url) return url.error().code + ": " + url.error().detail;
  if (!token(call.method)) return "the method is not a token";
  for (const auto& [name, value] : call.headers) {
    if (!token(name) || !header_value(value)) return "a header has characters that headers must not have";
    if (written_by_us(name)) return "the header " + name + " is written by the client itself";
  }
  return {};
}

template <typename T>
T read_info(CURL* handle, CURLINFO what) {
  T value{};
  curl_easy_getinfo(handle, what, &value);
  return value;
}

}  // namespace

Transfer::Transfer(Call call, Client::Done done, const ClientOptions& options)
    : call_(std::move(call)),
      done_(std::move(done)),
      policy_(call_.address_policy.value_or(options.address_policy)),
      handle_(curl_easy_init()) {
  if (!handle_) throw std::bad_alloc();
  const auto url = check_url(policy_, call_.url);
  objection_ = find_objection(call_, url);
  if (!objection_.empty()) return;
  plain_http_ = url->scheme == "http";
  configure(options);
  set_headers();
  set_body();
}

void Transfer::configure(const ClientOptions& options) {
  CURL* const curl = handle_.get();
  curl_easy_setopt(curl, CURLOPT_PRIVATE, this);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error_);
  curl_easy_setopt(curl, CURLOPT_URL, call_.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  // HTTP/2 has refusals of its own after which curl sends again.
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_USERAGENT, options.user_agent.c_str());
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(call_.connect_timeout.count(), 1)));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(call_.total_timeout.count(), 1)));
  // Without it, ending a call whose name is still being resolved waits for the resolver.
  curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, static_cast<long>(options.keep_idle_for.count()));
  if (!options.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, options.ca_file.c_str());
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_open);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
  const bool own_connection = call_.address_policy && !(*call_.address_policy == options.address_policy);
  if (own_connection) {
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
  }
}

void Transfer::add_header(const std::string& line) {
  curl_slist* const longer = curl_slist_append(header_list_.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(header_list_.release());
  header_list_.reset(longer);
}

void Transfer::set_headers() {
  bool has_content_type = false;
  for (const auto& [name, value] : call_.headers) {
    // curl spells a header without a value with a semicolon.
    add_header(value.empty() ? name + ";" : name + ": " + value);
    has_content_type = has_content_type || lower(name) == "content-type";
  }
  add_header("Expect:");
  if (!has_content_type) add_header("Content-Type:");
  curl_easy_setopt(handle_.get(), CURLOPT_HTTPHEADER, header_list_.get());
}

void Transfer::set_body() {
  CURL* const curl = handle_.get();
  const bool customary_body = call_.method == "POST" || call_.method == "PUT" || call_.method == "PATCH";
  if (call_.method == "HEAD") curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  if (call_.effect && call_.body.empty()) curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
  if (!call_.body.empty() || customary_body) {
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call_.body.size()));
    if (call_.effect && !call_.body.empty() && !base::mutated(base::Mutation::reuse_connection_for_effects)) {
      curl_easy_setopt(curl, CURLOPT_READFUNCTION, &Transfer::on_read);
      curl_easy_setopt(curl, CURLOPT_READDATA, this);
      curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, &Transfer::on_seek);
      curl_easy_setopt(curl, CURLOPT_SEEKDATA, this);
    } else {
      curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call_.body.c_str());
    }
  }
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call_.method.c_str());
}

bool Transfer::nothing_was_sent() const { return body_given_ == 0 && read_info<long>(handle_.get(), CURLINFO_REQUEST_SIZE) == 0; }

std::string Transfer::describe(CURLcode code) const {
  if (!refused_address_.empty()) return "the address " + refused_address_ + " is not one that may be called";
  if (outcome_.body_cut) return "the answer is longer than " + std::to_string(call_.max_response_bytes) + " bytes";
  return error_[0] != '\0' ? error_ : curl_easy_strerror(code);
}

Outcome Transfer::conclude(CURLcode code) {
  CURL* const curl = handle_.get();
  outcome_.status = static_cast<int>(read_info<long>(curl, CURLINFO_RESPONSE_CODE));
  outcome_.seconds = static_cast<double>(read_info<curl_off_t>(curl, CURLINFO_TOTAL_TIME_T)) / 1e6;
  outcome_.connection_reused = read_info<long>(curl, CURLINFO_NUM_CONNECTS) == 0 && read_info<long>(curl, CURLINFO_REQUEST_SIZE) > 0;
  if (code == CURLE_OK) {
    outcome_.kind = Outcome::Kind::answered;
    return std::move(outcome_);
  }
  outcome_.kind = nothing_was_sent() ? Outcome::Kind::not_sent : Outcome::Kind::unknown;
  outcome_.error = describe(code);
  return std::move(outcome_);
}

Outcome Transfer::conclude_unsent(std::string why) {
  outcome_.kind = Outcome::Kind::not_sent;
  outcome_.error = std::move(why);
  return std::move(outcome_);
}

void Transfer::take_header(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) outcome_.headers.clear();  // a final answer after a 1xx one
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || line.starts_with("HTTP/")) return;
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  outcome_.headers.emplace_back(lower(line.substr(0, colon)), std::string(value));
}

std::size_t Transfer::on_header(char* bytes, std::size_t size, std::size_t count, void* self) noexcept try {
  auto& transfer = *static_cast<Transfer*>(self);
  transfer.header_bytes_ += size * count;
  if (transfer.header_bytes_ > most_header_bytes) return 0;
  transfer.take_header({bytes, size * count});
  return size * count;
} catch (...) {
  return 0;
}

std::size_t Transfer::on_body(char* bytes, std::size_t size, std::size_t count, void* self) noexcept try {
  auto& transfer = *static_cast<Transfer*>(self);
  std::string& body = transfer.outcome_.body;
  const std::size_t room = transfer.call_.max_response_bytes - std::min(body.size(), transfer.call_.max_response_bytes);
  body.append(bytes, std::min(room, size * count));
  if (size * count <= room) return size * count;
  transfer.outcome_.body_cut = true;
  return CURL_WRITEFUNC_ERROR;
} catch (...) {
  return CURL_WRITEFUNC_ERROR;
}

std::size_t Transfer::on_read(char* room, std::size_t size, std::size_t count, void* self) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t left = transfer.call_.body.size() - transfer.body_given_;
  const std::size_t taken = std::min(left, size * count);
  std::memcpy(room, transfer.call_.body.data() + transfer.body_given_, taken);
  transfer.body_given_ += taken;
  return taken;
}

int Transfer::on_seek(void*, curl_off_t, int) noexcept { return CURL_SEEKFUNC_FAIL; }

curl_socket_t Transfer::on_open(void* self, curlsocktype, curl_sockaddr* address) noexcept try {
  auto& transfer = *static_cast<Transfer*>(self);
  const auto ip = IpAddress::from(address->addr);
  if (!ip || !permits(transfer.policy_.scope, *ip, transfer.plain_http_)) {
    transfer.refused_address_ = ip ? ip->str() : "of an unknown family";
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
} catch (...) {
  return CURL_SOCKET_BAD;
}

}  // namespace countersign::http
