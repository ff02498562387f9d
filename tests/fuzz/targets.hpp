#pragma once

// Targets: the doors through which bytes from outside come in, each as a function that may be given any bytes at all.
//
// A target goes through the door as the product does and then holds what came through it to what the door promises.
//
// Failure    Throws Broken when a promise does not hold; a sanitizer ends the process otherwise.
// Threads    Any thread, one at a time.

#include <stdexcept>
#include <string>
#include <string_view>

namespace countersign::fuzz {

class Broken : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

inline void promise(bool kept, const std::string& what) {
  if (!kept) throw Broken(what);
}

void guarded_json(std::string_view input);
// Lines `NAME: VALUE` up to an empty one are the headers, `key: …` is the Kafka key, the rest is the value; `%HH` in a header is a byte.
void envelope(std::string_view input);
void jws(std::string_view input);
void policy_document(std::string_view input);
void tool_manifest(std::string_view input);
void playbook(std::string_view input);
// Where calls and letters go: a URL, the bytes of an address, a recipient; and how long a peer may make us wait.
void outgoing(std::string_view input);

}  // namespace countersign::fuzz
