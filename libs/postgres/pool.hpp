#pragma once

// Pool: sessions to share, with a bound. For requests and loops that need one now and then; a consumer stage keeps a session of its own.
//
// Promise    A broken session, or one with an open transaction, is never handed out again.
// Threads    Every function may be called from any thread.
// Ownership  A lease returns its session when it ends; the pool must outlive its leases.
// Failure    borrow() throws base::Unavailable when all are in use for longer than `patience`, and what Session's constructor throws.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "postgres/session.hpp"

namespace countersign::postgres {

class Pool {
 public:
  Pool(ConnectionSettings settings, std::size_t most, std::chrono::milliseconds patience = std::chrono::seconds{2});

  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Session> session) : pool_(&pool), session_(std::move(session)) {}
    ~Lease();
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    Session& operator*() const { return *session_; }
    Session* operator->() const { return session_.get(); }

   private:
    Pool* pool_;
    std::unique_ptr<Session> session_;
  };

  Lease borrow();
  // A session that the caller keeps, outside the bound.
  std::unique_ptr<Session> connect() const;
  const ConnectionSettings& settings() const noexcept { return settings_; }
  std::size_t in_use() const;

 private:
  void reserve();
  void unreserve();
  std::unique_ptr<Session> take_idle();
  void give_back(std::unique_ptr<Session> session) noexcept;

  ConnectionSettings settings_;
  std::size_t most_;
  std::chrono::milliseconds patience_;
  mutable std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Session>> idle_;
  std::size_t out_ = 0;
};

}  // namespace countersign::postgres
