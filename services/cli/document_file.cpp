#include "cli/document_file.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/exit_codes.hpp"

namespace countersign::cli {

namespace {
constexpr std::uintmax_t most_bytes = 4 * 1024 * 1024;
}

std::string read_text_file(const std::string& file) {
  if (std::filesystem::is_directory(file)) throw BadInput(file + " is a folder; one file is wanted");
  std::ifstream opened(file, std::ios::binary);
  if (!opened) throw BadInput("the file " + file + " cannot be read: " + std::strerror(errno));
  if (std::filesystem::is_regular_file(file) && std::filesystem::file_size(file) > most_bytes) throw BadInput(file + " is too large");
  std::string text(std::istreambuf_iterator<char>(opened), {});
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  if (text.empty()) throw BadInput(file + " is empty");
  return text;
}

catalog::Document read_document_file(const std::string& file) {
  auto document = catalog::read_document(read_text_file(file));
  if (!document) throw BadInput(file + ": " + document.error().code + ": " + document.error().detail);
  return std::move(*document);
}

}  // namespace countersign::cli
