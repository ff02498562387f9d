#include "crypto/jwk.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "crypto/base64.hpp"
#include "crypto/plain_json.hpp"
#include "crypto/sodium.hpp"

namespace countersign::crypto {

namespace {

constexpr std::size_t most_keys = 64;
constexpr std::size_t most_file_bytes = 64 * 1024;
constexpr std::size_t key_bytes = 32;

base::Result<std::string> decode_key(const PlainJson& jwk, std::string_view name) {
  const auto* text = jwk.text(name);
  if (text == nullptr) return base::refuse("key_malformed", "a key lacks its member " + std::string(name));
  auto bytes = base64url_decode(*text);
  if (bytes && bytes->size() == key_bytes) return bytes;
  return base::refuse("key_malformed", "member " + std::string(name) + " of a key is not base64url of 32 bytes");
}

base::Result<std::string> read_kid(const PlainJson& jwk) {
  const auto *type = jwk.text("kty"), *curve = jwk.text("crv"), *kid = jwk.text("kid");
  if (type == nullptr || *type != "OKP" || curve == nullptr || *curve != "Ed25519")
    return base::refuse("key_malformed", R"(a key is an object with "kty":"OKP" and "crv":"Ed25519")");
  if (kid == nullptr || !valid_kid(*kid))
    return base::refuse("key_malformed", "a key has a kid: letters, digits and . _ : @ - after a letter or digit");
  return *kid;
}

base::Result<void> add_jwk(KeySet& keys, const PlainJson& jwk) {
  const auto kid = read_kid(jwk);
  if (!kid) return tl::unexpected(kid.error());
  if (jwk.object()->contains("d"))
    return base::refuse("key_exposed", "the set holds the private key " + *kid + "; remove its member d, and replace the key");
  const auto public_key = decode_key(jwk, "x");
  if (!public_key) return tl::unexpected(public_key.error());
  return keys.add(*kid, *public_key);
}

// Closes what it holds.
class File {
 public:
  File(const std::filesystem::path& path, int flags, mode_t mode = 0) : number_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  ~File() {
    if (number_ >= 0) ::close(number_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int number() const noexcept { return number_; }
  bool open() const noexcept { return number_ >= 0; }

 private:
  int number_;
};

tl::unexpected<base::Refusal> unreadable(const std::filesystem::path& path, const std::string& why) {
  return base::refuse("key_file_unreadable", path.string() + ": " + why);
}

base::Result<std::string> read_bytes(const File& file, const std::filesystem::path& path) {
  std::string text;
  char piece[4096];
  ssize_t got = 0;
  while ((got = ::read(file.number(), piece, sizeof piece)) > 0 && text.size() <= most_file_bytes)
    text.append(piece, static_cast<std::size_t>(got));
  if (got < 0) return unreadable(path, std::strerror(errno));
  if (text.size() > most_file_bytes) return unreadable(path, "it has more than 64 KiB");
  return text;
}

// The detail of a refusal, with the file it is about.
template <typename T>
base::Result<T> about_file(base::Result<T> result, const std::filesystem::path& path) {
  if (!result) result.error().detail = path.string() + ": " + result.error().detail;
  return result;
}

}  // namespace

bool valid_kid(std::string_view kid) noexcept {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  const auto fine = [&](char c) { return plain(c) || std::string_view("._:@-").find(c) != std::string_view::npos; };
  return !kid.empty() && kid.size() <= 128 && plain(kid.front()) && std::all_of(kid.begin(), kid.end(), fine);
}

base::Result<void> KeySet::add(std::string_view kid, std::string_view public_key) {
  ensure_sodium();
  if (!valid_kid(kid)) return base::refuse("key_invalid", "a key's name is letters, digits and . _ : @ - after a letter or digit");
  if (public_key.size() != key_bytes) return base::refuse("key_invalid", "the public key " + std::string(kid) + " has not 32 bytes");
  // Refuses what is no point of the curve in its canonical form, and points of small order, under which anybody could sign.
  if (crypto_core_ed25519_is_valid_point(reinterpret_cast<const unsigned char*>(public_key.data())) != 1)
    return base::refuse("key_invalid", "the public key " + std::string(kid) + " is no Ed25519 key");
  if (!keys_.emplace(kid, public_key).second) return base::refuse("key_invalid", "two keys are called " + std::string(kid));
  return {};
}

const std::string* KeySet::find(std::string_view kid) const {
  const auto found = keys_.find(kid);
  return found == keys_.end() ? nullptr : &found->second;
}

std::vector<std::string> KeySet::kids() const {
  std::vector<std::string> kids;
  for (const auto& [kid, key] : keys_) kids.push_back(kid);
  return kids;
}

base::Result<SigningKey> parse_signing_key(std::string_view text) {
  const auto jwk = PlainJson::parse(text);
  if (!jwk) return base::refuse("key_malformed", "this is no JSON Web Key with texts for members");
  const auto kid = read_kid(*jwk);
  if (!kid) return tl::unexpected(kid.error());
  const auto seed = decode_key(*jwk, "d"), public_key = decode_key(*jwk, "x");
  if (!seed) return base::refuse("key_malformed", "the private member d is missing or not base64url of 32 bytes");
  if (!public_key) return tl::unexpected(public_key.error());
  auto pair = load_ed25519_key_pair(base::Secret(*seed));
  if (!pair) return tl::unexpected(pair.error());
  if (pair->public_key != *public_key) return base::refuse("key_invalid", "members d and x of " + *kid + " do not belong together");
  return SigningKey{*kid, std::move(*pair)};
}

base::Result<KeySet> parse_key_set(std::string_view text) {
  const auto set = PlainJson::parse(text);
  const auto* members = set ? set->object() : nullptr;
  const auto keys = members != nullptr ? members->find("keys") : PlainJson::Object::const_iterator{};
  if (members == nullptr || keys == members->end() || keys->second.list() == nullptr)
    return base::refuse("key_malformed", R"(this is no key set: {"keys":[…]} with texts and lists for members)");
  if (keys->second.list()->size() > most_keys) return base::refuse("key_malformed", "a key set has at most 64 keys");
  KeySet all;
  for (const auto& jwk : *keys->second.list())
    if (auto added = add_jwk(all, jwk); !added) return tl::unexpected(added.error());
  return all;
}

base::Result<SigningKey> read_signing_key_file(const std::filesystem::path& path) {
  const File file(path, O_RDONLY | O_NONBLOCK);
  struct stat status {};
  if (!file.open() || ::fstat(file.number(), &status) != 0) return unreadable(path, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return unreadable(path, "it is not a file");
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return base::refuse("key_exposed",
                        path.string() + " may be used by others than its owner; chmod 600 it, and replace the key if others had it");
  return about_file(read_bytes(file, path).and_then([](const std::string& text) { return parse_signing_key(text); }), path);
}

base::Result<void> check_trust_file(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return unreadable(path, std::strerror(errno));
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return base::refuse("trust_file_writable", path.string() + " says whom to believe and may be written by others than its owner; chmod go-w it");
  return {};
}

base::Result<KeySet> read_key_set_file(const std::filesystem::path& path) {
  if (auto owned = check_trust_file(path); !owned) return tl::unexpected(owned.error());
  const File file(path, O_RDONLY | O_NONBLOCK);
  if (!file.open()) return unreadable(path, std::strerror(errno));
  const auto text = read_bytes(file, path);
  if (!text) return tl::unexpected(text.error());
  return about_file(parse_key_set(*text), path);
}

std::string to_public_jwk(std::string_view kid, std::string_view public_key) {
  return R"({"kty":"OKP","crv":"Ed25519","kid":")" + std::string(kid) + R"(","x":")" + base64url_encode(public_key) + "\"}";
}

std::string to_private_jwk(const SigningKey& key) {
  std::string jwk = to_public_jwk(key.kid, key.pair.public_key);
  jwk.pop_back();
  return jwk + R"(,"d":")" + base64url_encode(std::string_view(key.pair.private_key.reveal()).substr(0, key_bytes)) + "\"}";
}

base::Result<void> write_signing_key_file(const SigningKey& key, const std::filesystem::path& path) {
  const File file(path, O_WRONLY | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
  if (!file.open() && errno == EEXIST) return base::refuse("key_file_exists", path.string() + " exists; choose another name");
  const std::string text = to_private_jwk(key) + "\n";
  if (!file.open() || ::write(file.number(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) || ::fsync(file.number()) != 0)
    return base::refuse("key_file_unwritable", path.string() + ": " + std::strerror(errno));
  return {};
}

}  // namespace countersign::crypto
