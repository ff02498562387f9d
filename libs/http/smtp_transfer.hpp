#pragma once

// SmtpTransfer: one message on one curl handle. Private to http/smtp_client.cpp.
//
// How it knows where a transfer broke off. curl asks for more of the message only when everything before is in the socket, and writes the
// final dot right after it was told that there is no more: from then on the message may have arrived. The server's answers pass through
// the header callback, line by line; the last line of one after the end is the answer to the dot. Commands pass through the debug
// callback, which looks for MAIL and QUIT and at nothing else: others carry passwords.
//
// Ownership  Owns the handle and the list; borrows what is given to the constructor. Its address must not change.

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

#include "http/smtp_client.hpp"

namespace countersign::http {

class SmtpTransfer {
 public:
  SmtpTransfer(const SmtpOptions& options, const SmtpServer& server, const Posting& posting, std::stop_token stop);
  SmtpTransfer(const SmtpTransfer&) = delete;
  SmtpTransfer& operator=(const SmtpTransfer&) = delete;

  SmtpOutcome perform();

 private:
  std::string find_objection() const;
  void configure();
  void set_server();
  void set_message();
  void set_observers();
  SmtpOutcome conclude(CURLcode code) const;
  SmtpOutcome::Kind kind_of_end() const;
  std::string describe(CURLcode code) const;

  static std::size_t on_read(char* room, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t on_answer(char* bytes, std::size_t size, std::size_t count, void* self) noexcept;
  static int on_debug(CURL* handle, curl_infotype what, char* bytes, std::size_t size, void* self) noexcept;
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept;
  static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* address) noexcept;
  void take_answer(std::string_view line);

  struct HandleEnd {
    void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
  };
  struct ListEnd {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
  };

  const SmtpOptions& options_;
  const SmtpServer& server_;
  const Posting& posting_;
  std::stop_token stop_;

  std::size_t given_ = 0;    // bytes of the message that curl has taken
  bool mail_begun_ = false;  // answers are about this message
  bool all_given_ = false;   // the final dot may be out
  bool answered_ = false;    // to the final dot
  bool parting_ = false;     // QUIT is out: answers are no longer about the message
  int code_ = 0;
  std::string answer_;
  std::string refused_address_;
  std::chrono::steady_clock::time_point parting_since_;
  char error_[CURL_ERROR_SIZE] = {};
  std::unique_ptr<curl_slist, ListEnd> recipients_;
  std::unique_ptr<CURL, HandleEnd> handle_;  // last, so that it goes first: it points into the rest
};

}  // namespace countersign::http
