#include "sandbox/settings.hpp"

#include <getopt.h>

#include <charconv>
#include <fstream>
#include <iterator>

#include "base/errors.hpp"
#include "sandbox/webhook_signature.hpp"

namespace countersign::sandbox {
namespace {

constexpr const char* usage =
    "usage: sandbox [--address A] [--port N] [--port-file FILE] [--seed FILE] [--journal FILE] [--random-seed N] "
    "[--webhook-secret TENANT=FILE]...";

template <typename Number>
Number read_number(const std::string& option, std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) throw base::Misconfigured("--" + option + " takes a number\n" + usage);
  return value;
}

WebhookSecret read_secret(const std::string& argument) {
  const auto equals = argument.find('=');
  if (equals == 0 || equals == std::string::npos) throw base::Misconfigured("--webhook-secret takes TENANT=FILE");
  auto key = read_webhook_secret(read_file(argument.substr(equals + 1)));
  if (!key) throw base::Misconfigured("--webhook-secret of " + argument.substr(0, equals) + ": " + key.error().detail);
  return {argument.substr(0, equals), *std::move(key)};
}

void set(Settings& settings, const std::string& option, const char* value) {
  if (option == "address") settings.endpoint.address = value;
  if (option == "port") settings.endpoint.port = read_number<std::uint16_t>(option, value);
  if (option == "port-file") settings.endpoint.port_file = value;
  if (option == "seed") settings.seed_file = value;
  if (option == "journal") settings.journal_file = value;
  if (option == "random-seed") settings.random_seed = read_number<std::uint64_t>(option, value);
  if (option == "webhook-secret") settings.webhook_secrets.push_back(read_secret(value));
}

}  // namespace

Settings read_settings(int argc, char** argv) {
  static const option options[] = {{"address", required_argument, nullptr, 0},     {"port", required_argument, nullptr, 0},
                                   {"port-file", required_argument, nullptr, 0},   {"seed", required_argument, nullptr, 0},
                                   {"journal", required_argument, nullptr, 0},     {"webhook-secret", required_argument, nullptr, 0},
                                   {"random-seed", required_argument, nullptr, 0}, {nullptr, 0, nullptr, 0}};
  Settings settings;
  int index = 0;
  for (int got = 0; (got = getopt_long(argc, argv, "", options, &index)) != -1;) {
    if (got != 0) throw base::Misconfigured(usage);
    set(settings, options[index].name, optarg);
  }
  if (optind != argc) throw base::Misconfigured(usage);
  return settings;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw base::Misconfigured("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace countersign::sandbox
