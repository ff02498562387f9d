#pragma once

// Transfer: one call on one curl handle, from Call to Outcome. Private to http/client.cpp.
//
// Ownership  Owns the handle, the header list and every buffer that curl points into; its address must not change while curl runs.

#include <curl/curl.h>

#include <functional>
#include <memory>
#include <string>

#include "http/client.hpp"

namespace countersign::http {

class Transfer {
 public:
  Transfer(Call call, Client::Done done, const ClientOptions& options);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  CURL* handle() const noexcept { return handle_.get(); }
  // Not empty when the call must not be made.
  const std::string& objection() const noexcept { return objection_; }
  // What became of it; once.
  Outcome conclude(CURLcode code);
  Outcome conclude_unsent(std::string why);
  const Client::Done& done() const noexcept { return done_; }

 private:
  void configure(const ClientOptions& options);
  void set_headers();
  void set_body();
  void add_header(const std::string& line);
  bool nothing_was_sent() const;
  std::string describe(CURLcode code) const;

  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t on_read(char* room, std::size_t size, std::size_t count, void* self) noexcept;
  static int on_seek(void* self, curl_off_t offset, int origin) noexcept;
  static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* address) noexcept;
  void take_header(std::string_view line);

  struct HandleEnd {
    void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
  };
  struct ListEnd {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
  };

  Call call_;
  Client::Done done_;
  AddressPolicy policy_;
  bool plain_http_ = false;
  std::string objection_;
  std::string refused_address_;
  std::size_t body_given_ = 0;  // bytes of the body that curl has taken
  std::size_t header_bytes_ = 0;
  Outcome outcome_;
  char error_[CURL_ERROR_SIZE] = {};
  std::unique_ptr<curl_slist, ListEnd> header_list_;
  std::unique_ptr<CURL, HandleEnd> handle_;  // last, so that it goes first: it points into the rest
};

}  // namespace countersign::http
