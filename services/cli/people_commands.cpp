#include "cli/command_set.hpp"

#include <CLI/CLI.hpp>

namespace countersign::cli {

namespace {

constexpr const char* words_about_signing =
    "A document about people needs two believed people, neither of whom it is about, to sign it: each runs countersign sign and hands "
    "over\n"
    "the line that it prints. A tenant's first two people come with countersign apply, and are believed when the founders file names them.";

void add_register(CLI::App& group, CommandSet& set, RegisterWish& wish, const std::string& kind) {
  wish.kind = kind;
  wish.environment = "default";
  auto& command =
      set.add(group, "register", "Register a new version of " + std::string(kind == "issuer" ? "an " : "a ") + kind, Needs::database,
              [&wish](const Reach& reach, const Console& console) { return register_document(reach, wish, console); });
  command.add_option("FILE", wish.file, "The document")->required();
  command.add_option("--signature", wish.signature_files, "File with what countersign sign printed; one for each of two people")
      ->required();
  command.add_option("--founders-file", wish.founders_file,
                     "The file that approval reads; without it those who came unsigned count as founders");
  add_environment(command, wish.environment);
  command.footer(words_about_signing);
}

}  // namespace

void add_deciding_commands(CLI::App& app, CommandSet& set) {
  auto& approvals = set.add(app, "approvals", "Actions that wait for people, or everything about one", Needs::database,
                            [&set](const Reach& reach, const Console& console) { return show_approvals(reach, set.approvals, console); });
  approvals.add_option("ID", set.approvals.id, "An approval's id, or how it begins");
  add_tenant(approvals, set.approvals.tenant);
  approvals.add_flag("--all", set.approvals.all, "Also those that are over");
  add_limit(approvals, set.approvals.limit, "soonest to expire");

  struct Verb {
    const char* name;
    const char* verb;
    const char* sentence;
  };
  static constexpr Verb verbs[] = {{"approve", "approve", "Agree, with your own key, to exactly the action that is shown"},
                                   {"deny", "deny", "Say no to it; one no is enough, and the ticket is told why"},
                                   {"request-changes", "request_changes", "Send it back with what must be different"}};
  for (const auto& [name, verb, sentence] : verbs) {
    DecideWish& wish = set.decide[verb];
    wish.verb = verb;
    wish.environment = "default";
    auto& command = set.add(app, name, sentence, Needs::both,
                            [&wish](const Reach& reach, const Console& console) { return decide(reach, wish, console); });
    command.add_option("ID", wish.id, "An approval's id, or how it begins")->required();
    command.add_option("--as", wish.person, "Your name among the people of the tenant")->required();
    command.add_option("--key", wish.key_file, "File with your private key (countersign keys new)")->required();
    auto* reason = command.add_option("--reason", wish.reason, "Why; kept, and shown to whoever may see the approval");
    reason->check([](const std::string& text) { return text.size() <= 2000 ? std::string{} : std::string("has at most 2000 bytes"); });
    if (wish.verb != "approve") reason->required();
    add_tenant(command, wish.tenant);
    command.add_option("--realm", wish.realm, "Realm whose decisions topic is written; without it the tenant's");
    add_environment(command, wish.environment);
    command.footer("It is sent as the Kafka user of --kafka-set sasl.username, who must be allowed to write the topic: reviewer is.");
  }
}

void add_people_commands(CLI::App& app, CommandSet& set) {
  auto& keys = add_group(app, "keys", "Private keys of people, issuers and services");
  auto& fresh = set.add(keys, "new", "Make a key; the private part goes to a new file, the public part is printed", Needs::nothing,
                        [&set](const Reach&, const Console& console) { return make_key(set.new_key, console); });
  fresh.add_option("--kid", set.new_key.kid, "Name of the key, unique in the tenant")->required();
  fresh.add_option("--out", set.new_key.file, "File to make; it must not exist")->required();

  set.sign.environment = "default";
  auto& sign = set.add(app, "sign", "Consent to a document about people; prints the signature", Needs::nothing,
                       [&set](const Reach&, const Console& console) { return sign_document(set.sign, console); });
  sign.add_option("FILE", set.sign.file, "The document")->required();
  sign.add_option("--as", set.sign.person, "Your name among the people of the tenant")->required();
  sign.add_option("--key", set.sign.key_file, "File with your private key")->required();
  add_environment(sign, set.sign.environment);
  sign.footer(words_about_signing);

  auto& people = add_group(app, "people", "People who may decide");
  add_register(people, set, set.registration["person"], "person");
  auto& founders = set.add(people, "founders", "Print the founders file for the people and issuers of a folder", Needs::nothing,
                           [&set](const Reach&, const Console& console) { return print_founders(set.founders, console); });
  founders.add_option("DIR", set.founders.folder, "Folder with *.json documents")->required();
  founders.add_option("--keep", set.founders.keep_file, "The founders file of before, whose revoked keys stay revoked");
  auto& issuers = add_group(app, "issuers", "Bridges that may pass on what people decided");
  add_register(issuers, set, set.registration["issuer"], "issuer");
}

}  // namespace countersign::cli
