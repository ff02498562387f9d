#include "postgres/pool.hpp"

#include "base/errors.hpp"

namespace countersign::postgres {

Pool::Pool(ConnectionSettings settings, std::size_t most, std::chrono::milliseconds patience)
    : settings_(std::move(settings)), most_(most), patience_(patience) {
  idle_.reserve(most_);  // so that giving back cannot fail
}

Pool::Lease::~Lease() {
  if (session_) pool_->give_back(std::move(session_));
}

Pool::Lease Pool::borrow() {
  reserve();
  try {
    while (auto session = take_idle()) {
      if (session->still_connected()) return Lease(*this, std::move(session));
    }
    return Lease(*this, connect());
  } catch (...) {
    unreserve();
    throw;
  }
}

std::unique_ptr<Session> Pool::connect() const { return std::make_unique<Session>(settings_); }

std::size_t Pool::in_use() const {
  std::lock_guard lock(mutex_);
  return out_;
}

void Pool::reserve() {
  std::unique_lock lock(mutex_);
  if (!returned_.wait_for(lock, patience_, [this] { return out_ < most_; })) {
    throw base::Unavailable("all " + std::to_string(most_) + " database sessions are in use for " + std::to_string(patience_.count()) +
                            " ms. Hint: look for slow statements, or raise the pool size");
  }
  ++out_;
}

void Pool::unreserve() {
  std::lock_guard lock(mutex_);
  --out_;
  returned_.notify_one();
}

std::unique_ptr<Session> Pool::take_idle() {
  std::lock_guard lock(mutex_);
  if (idle_.empty()) return nullptr;
  auto session = std::move(idle_.back());
  idle_.pop_back();
  return session;
}

void Pool::give_back(std::unique_ptr<Session> session) noexcept {
  if (session->broken() || session->in_transaction()) session.reset();
  std::lock_guard lock(mutex_);
  if (session) idle_.push_back(std::move(session));
  --out_;
  returned_.notify_one();
}

}  // namespace countersign::postgres
