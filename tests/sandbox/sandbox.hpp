#pragma once

// Sandbox: the systems of record of all tenants, answering one request at a time.
//
//     GET  /{t}/orders/{id}   /{t}/orders/{id}/payments
//     POST /{t}/refunds          GET /{t}/refunds?key=…   GET /{t}/refunds?order_id=…
//     POST /{t}/orders/{id}/refund-previews
//     GET  /{t}/{collection}/{id}                  GET /{t}/{wms|erp}/{sku}/{location}
//     what may be done to a record: record_action.hpp
//     POST /{t}/notes
//     POST /{t}/webhooks         POST /{t}/webhooks/{endpoint}
//
// Promise    An effect is journaled in the same call that carries it out. With keys honoured, a key is carried out at most once.
// Not ours   Misbehaving: misbehaviour.hpp says what, server.cpp does it. Programming all this: control_plane.hpp.
// Threads    One.

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <unordered_map>

#include "sandbox/journal.hpp"
#include "sandbox/key_ledger.hpp"
#include "sandbox/order_book.hpp"
#include "sandbox/record_action.hpp"
#include "sandbox/webhook_sink.hpp"

namespace countersign::sandbox {

struct Tenant {
  OrderBook orders;
  RecordBook records;
  KeyLedger keys;
  std::uint64_t notes = 0;
};

class Sandbox {
 public:
  explicit Sandbox(Journal& journal) : journal_(journal), sink_(journal) {}

  Answer answer(const Request& request);

  Tenant& open_tenant(const std::string& name) { return tenants_[name]; }
  const std::unordered_map<std::string, Tenant>& tenants() const noexcept { return tenants_; }
  WebhookSink& sink() noexcept { return sink_; }
  const std::map<std::string, std::uint64_t>& effects_by_kind() const noexcept { return effects_; }

  void honour_keys(bool honour) { honour_keys_ = honour; }
  void honour_keys(const std::string& tenant, bool honour) { honour_keys_of_[tenant] = honour; }
  void honour_all_keys();

 private:
  struct Effect {
    std::string kind;
    std::string target;
    base::Money amount;  // currency empty: no money moved
  };

  Answer read(const Request& request, const Tenant& tenant) const;
  Answer read_refunds(const Request& request, const Tenant& tenant) const;
  Answer read_record(const Request& request, const RecordBook& book) const;
  Answer preview_refund(const Request& request, const Tenant& tenant) const;
  Answer preview_change(const Request& request, const RecordCall& call, const Tenant& tenant) const;
  Answer write(const Request& request, Tenant& tenant);
  base::Result<std::string> carry_out(const Request& request, const nlohmann::json& body, Tenant& tenant);
  base::Result<std::string> give_refund(const Request& request, const nlohmann::json& body, Tenant& tenant);
  base::Result<std::string> change_record(const Request& request, const RecordCall& call, const nlohmann::json& body, Tenant& tenant);
  base::Result<std::string> take_note(const Request& request, const nlohmann::json& body, Tenant& tenant);
  void journal_effect(const Request& request, const Effect& effect);
  bool keys_honoured(std::string_view tenant) const;

  Journal& journal_;
  WebhookSink sink_;
  std::unordered_map<std::string, Tenant> tenants_;
  std::map<std::string, std::uint64_t> effects_;
  bool honour_keys_ = true;
  std::unordered_map<std::string, bool> honour_keys_of_;
};

}  // namespace countersign::sandbox
