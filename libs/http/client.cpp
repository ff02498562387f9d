#include "http/client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <utility>
#include <vector>

#include "base/errors.hpp"
#include "base/invariant.hpp"
#include "http/curl_start.hpp"
#include "http/transfer.hpp"

namespace countersign::http {
struct Client::State {
  struct MultiEnd {
    void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
  };
  struct Ended {
    std::unique_ptr<Transfer> transfer;
    CURLcode code;
  };

  ClientOptions options;
  std::unique_ptr<CURLM, MultiEnd> multi;
  std::map<CURL*, std::unique_ptr<Transfer>> running;
  std::vector<std::unique_ptr<Transfer>> objected;

  std::vector<Ended> collect() {
    std::vector<Ended> ended;
    int left = 0;
    while (CURLMsg* const message = curl_multi_info_read(multi.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;  // the message dies with the removal
      const auto found = running.find(message->easy_handle);
      COUNTERSIGN_INVARIANT(found != running.end(), "curl only ends transfers that we started");
      curl_multi_remove_handle(multi.get(), found->first);
      ended.push_back({std::move(found->second), code});
      running.erase(found);
    }
    return ended;
  }
};

Client::Client(ClientOptions options) : state_(std::make_unique<State>()) {
  start_curl_once();
  if (!options.ca_file.empty() && !std::ifstream(options.ca_file)) {
    throw base::Misconfigured("the CA file " + options.ca_file + " cannot be read");
  }
  state_->options = std::move(options);
  state_->multi.reset(curl_multi_init());
  curl_multi_setopt(state_->multi.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(state_->options.most_kept_connections));
  curl_multi_setopt(state_->multi.get(), CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
}

Client::~Client() {
  for (const auto& [handle, transfer] : state_->running) curl_multi_remove_handle(state_->multi.get(), handle);
}

void Client::send(Call call, Done done) {
  auto transfer = std::make_unique<Transfer>(std::move(call), std::move(done), state_->options);
  if (!transfer->objection().empty()) {
    state_->objected.push_back(std::move(transfer));
    return;
  }
  CURL* const handle = transfer->handle();
  state_->running.emplace(handle, std::move(transfer));
  const CURLMcode added = curl_multi_add_handle(state_->multi.get(), handle);
  COUNTERSIGN_INVARIANT(added == CURLM_OK, "a new handle can be added");
}

std::size_t Client::run_once(std::chrono::milliseconds wait) {
  int running = 0;
  curl_multi_perform(state_->multi.get(), &running);
  auto ended = state_->collect();
  if (ended.empty() && state_->objected.empty()) {
    curl_multi_poll(state_->multi.get(), nullptr, 0, static_cast<int>(std::clamp<std::int64_t>(wait.count(), 0, 3'600'000)), nullptr);
    curl_multi_perform(state_->multi.get(), &running);
    ended = state_->collect();
  }
  const auto objected = std::exchange(state_->objected, {});
  for (const auto& transfer : objected) transfer->done()(transfer->conclude_unsent(transfer->objection()));
  for (const auto& [transfer, code] : ended) transfer->done()(transfer->conclude(code));
  return objected.size() + ended.size();
}

void Client::wake() noexcept { curl_multi_wakeup(state_->multi.get()); }

std::size_t Client::in_flight() const noexcept { return state_->running.size() + state_->objected.size(); }

Outcome Client::call(Call call) {
  std::optional<Outcome> answer;
  send(std::move(call), [&](Outcome outcome) { answer = std::move(outcome); });
  while (!answer) run_once(std::chrono::seconds{1});
  return *std::move(answer);
}

}  // namespace countersign::http
