#pragma once

// keys new, sign: a person's or a service's own key, and a person's consent to a document about people. Neither needs the fleet.
//
// Promise    A private key is written once, readable by its owner alone, and never shown.

#include <string>

#include "cli/console.hpp"

namespace countersign::cli {

struct NewKeyWish {
  std::string kid;
  std::string file;
};

struct SignWish {
  std::string file;  // the document
  std::string person;
  std::string key_file;
  std::string environment;
};

int make_key(const NewKeyWish& wish, const Console& console);
// Prints the token, type change+jwt, on a line of its own.
int sign_document(const SignWish& wish, const Console& console);

}  // namespace countersign::cli
