// sandbox: stands in for a company's systems of record and for the receiver of its webhooks.
//
//     tool calls, webhooks ──▶ Server ──▶ Misbehaviours ──▶ Sandbox ──▶ Journal
//     tests                ──▶ Server ──▶ ControlPlane

#include <cstdio>

#include "base/errors.hpp"
#include "sandbox/seed.hpp"
#include "sandbox/settings.hpp"

namespace countersign::sandbox {
namespace {

void serve(const Settings& settings) {
  Journal journal(settings.journal_file);
  Sandbox sandbox(journal);
  Misbehaviours misbehaviours;
  misbehaviours.seed(settings.random_seed);
  ControlPlane control(sandbox, misbehaviours, journal);
  for (const auto& secret : settings.webhook_secrets) sandbox.sink().add_secret(secret.tenant, secret.key);
  if (!settings.seed_file.empty())
    if (const auto added = add_seed(read_file(settings.seed_file), sandbox); !added)
      throw base::Misconfigured(settings.seed_file + ": " + added.error().detail);
  run(settings.endpoint, sandbox, control, misbehaviours, journal);
}

}  // namespace
}  // namespace countersign::sandbox

int main(int argc, char** argv) {
  using namespace countersign;
  try {
    sandbox::serve(sandbox::read_settings(argc, argv));
    return 0;
  } catch (const base::Misconfigured& wrong) {
    std::fprintf(stderr, "sandbox: %s\n", wrong.what());
    return 78;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "sandbox: %s\n", failure.what());
    return 1;
  }
}
