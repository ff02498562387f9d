#include "outbox/mailbox_keys.hpp"

#include "outbox/mail.hpp"

namespace countersign::outbox {

std::vector<UsableMailbox> MailboxKeys::usable(const catalog::Snapshot& configuration, const std::vector<std::string>& tenants) {
  std::vector<UsableMailbox> usable;
  for (const auto& tenant : tenants) {
    for (const auto* mailbox : configuration.mailboxes(tenant)) {
      if (!mailbox->enabled) continue;
      const auto& wanted = mailbox->smtp.password_secret;
      auto password = wanted ? secrets_.find(*wanted) : base::Secret{};
      const bool locked = wanted && password.empty();
      tell(*mailbox, locked);
      if (!locked) usable.push_back({mailbox, std::move(password)});
    }
  }
  return usable;
}

void MailboxKeys::tell(const catalog::Mailbox& mailbox, bool locked) {
  const TargetName name{mailbox.tenant, mailbox_target(mailbox.name)};
  std::lock_guard lock(mutex_);
  if (locked == locked_.contains(name)) return;
  if (locked) {
    locked_.insert(name);
    telemetry_.log.error("mailbox_locked",
                         {{"tenant", mailbox.tenant}, {"mailbox", mailbox.name}, {"missing_secret", *mailbox.smtp.password_secret}});
  } else {
    locked_.erase(name);
    telemetry_.log.warning("mailbox_unlocked", {{"tenant", mailbox.tenant}, {"mailbox", mailbox.name}});
  }
}

}  // namespace countersign::outbox
