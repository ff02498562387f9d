#pragma once

// people, issuers: documents about who may decide. One is registered with the signatures of two people who are believed already; the first
// ones are believed because the founders file, which approval reads from disk, names their digests.

#include <string>
#include <vector>

#include "cli/console.hpp"
#include "cli/reach.hpp"

namespace countersign::cli {

struct RegisterWish {
  std::string kind{};  // person | issuer
  std::string file{};
  std::vector<std::string> signature_files{};
  std::string environment{};
  std::string founders_file{};  // where belief begins; empty: those who came before signatures were needed
};

struct FoundersWish {
  std::string folder{};
  std::string keep_file{};  // empty: no key was revoked so far
};

int register_document(const Reach& reach, const RegisterWish& wish, const Console& console);
// Prints the founders file for the documents about people in a folder, with the revoked keys of the one that it is to replace.
int print_founders(const FoundersWish& wish, const Console& console);

}  // namespace countersign::cli
