#pragma once

// Base64 (RFC 4648), standard and URL alphabets.
//
// Decoding is strict: no white space, no foreign alphabet, no missing or extra padding, no stray bits in the last character. One text
// has one encoding, so that nothing signed can be spelled in two ways.

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace countersign::crypto {

std::string base64_encode(std::string_view bytes);     // + and /, padded
std::string base64url_encode(std::string_view bytes);  // - and _, not padded

// Refuse with `base64_invalid`.
base::Result<std::string> base64_decode(std::string_view text);
base::Result<std::string> base64url_decode(std::string_view text);

}  // namespace countersign::crypto
