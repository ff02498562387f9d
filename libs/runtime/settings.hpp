#pragma once

// Settings: every setting of a process, declared once with a sentence, a default and its bounds.
//
//     Settings settings;
//     settings.text(config.bootstrap, "kafka-bootstrap", "Brokers to ask first, as host:port,host:port.", "127.0.0.1:9092", not_empty);
//     settings.relation([&] { return config.a < config.b ? "" : "a must be below b"; });
//     const auto mistakes = settings.load(arguments, process_environment());
//
// A setting `kafka-bootstrap` is the flag --kafka-bootstrap and the variable COUNTERSIGN_KAFKA_BOOTSTRAP; the flag wins. A variable
// that is set to nothing counts as not set. There is no configuration file. Secrets come from files, whose paths are settings.
//
// Promise    load() finds all mistakes, not the first. print() never shows a secret.
// Threads    One.
// Ownership  Writes into the variables it was given, which must outlive load().

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/secret.hpp"

namespace countersign::runtime {

using Environment = std::map<std::string, std::string>;
Environment process_environment();

// Says what is wrong with a value, after "must"; empty when nothing is.
using Check = std::function<std::string(const std::string&)>;
std::string not_empty(const std::string& value);

enum class Source { by_default, environment, flag };

class Settings {
 public:
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  void text(std::string& into, const std::string& name, const std::string& sentence, const std::string& by_default, Check check = {});

  template <std::integral Integer>
  void integer(Integer& into, const std::string& name, const std::string& sentence, std::type_identity_t<Integer> by_default,
               std::type_identity_t<Integer> least, std::type_identity_t<Integer> most) {
    number(name, sentence, static_cast<std::int64_t>(by_default), static_cast<std::int64_t>(least), static_cast<std::int64_t>(most),
           [&into](std::int64_t value) { into = static_cast<Integer>(value); });
  }

  // Written with a unit: 250ms, 5s, 2m, 1h.
  void duration(std::chrono::milliseconds& into, const std::string& name, const std::string& sentence, std::chrono::milliseconds by_default,
                std::chrono::milliseconds least, std::chrono::milliseconds most);
  // --name, --name=true, --name=false.
  void flag(bool& into, const std::string& name, const std::string& sentence, bool by_default = false);
  // One of the words of `choices`.
  template <typename T>
  void choice(T& into, const std::string& name, const std::string& sentence, const std::string& by_default,
              std::map<std::string, T> choices) {
    std::vector<std::string> words;
    for (const auto& [word, value] : choices) words.push_back(word);
    word(name, sentence, by_default, words,
         [&into, choices = std::move(choices)](const std::string& chosen) { into = choices.at(chosen); });
  }
  // The path of a file that can be read and is not empty; an empty default means that none is needed.
  void secret_file(std::string& path, const std::string& name, const std::string& sentence);
  // The same, and reads it, without the newline at its end.
  void secret_file(base::Secret& content, const std::string& name, const std::string& sentence);
  // --name a=b, repeatable; in the environment a=b;c=d.
  void pairs(Pairs& into, const std::string& name, const std::string& sentence);

  // Between settings, checked when each alone is right. Says the whole mistake; empty when there is none.
  void relation(std::function<std::string()> check);

  std::vector<std::string> load(const std::vector<std::string>& arguments, const Environment& environment);
  // After load(): variables that begin with COUNTERSIGN_ and are no setting of this process, each as a sentence.
  const std::vector<std::string>& warnings() const noexcept { return warnings_; }
  // After load(): among the mistakes is a flag or an argument that there is not, so that the command line itself is wrong.
  bool misused() const noexcept { return misused_; }
  Source source(const std::string& name) const;
  // After load(): the effective values, one sorted line each: name=value   # from flag
  std::string print() const;
  std::string help() const;

 private:
  struct Setting {
    std::string name;
    std::string sentence;
    std::string by_default;
    std::string placeholder;  // empty for a flag
    bool repeatable = false;
    std::function<std::string(const std::vector<std::string>&)> take;  // assigns, or says what the value must be
    Source source = Source::by_default;
    std::vector<std::string> values{};
  };

  void number(const std::string& name, const std::string& sentence, std::int64_t by_default, std::int64_t least, std::int64_t most,
              std::function<void(std::int64_t)> assign);
  void word(const std::string& name, const std::string& sentence, const std::string& by_default, const std::vector<std::string>& words,
            std::function<void(const std::string&)> assign);
  void declare(const std::string& name, const std::string& sentence, const std::string& by_default, const std::string& placeholder,
               Check take);
  void declare(Setting setting);
  void read_flags(const std::vector<std::string>& arguments, std::vector<std::string>& mistakes);
  void read_environment(const Environment& environment);

  std::map<std::string, Setting> settings_;
  std::vector<std::function<std::string()>> relations_;
  std::vector<std::string> warnings_;
  bool misused_ = false;
};

// "kafka-bootstrap" gives "COUNTERSIGN_KAFKA_BOOTSTRAP".
std::string variable_of(const std::string& name);

// The text with every password=…, secret=…, token=… and the password of every URL replaced.
std::string mask_secrets(const std::string& text);

// True when mask_secrets() would change it.
bool carries_secret(const std::string& text);

}  // namespace countersign::runtime
