#include "catalog/document_files.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <tuple>

#include "catalog/document_check.hpp"

namespace countersign::catalog {

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> json_files(const fs::path& directory) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory))
    if (entry.is_regular_file() && entry.path().extension() == ".json") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

base::Result<Document> read_document_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return base::refuse("document_malformed", "the file cannot be read");
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  auto document = read_document(bytes);
  if (!document) return document;
  if (auto fine = check_document(*document); !fine) return tl::unexpected(std::move(fine.error()));
  return document;
}

base::Result<std::vector<SourcedDocument>> read_directory(const fs::path& directory) {
  std::vector<SourcedDocument> documents;
  std::string mistakes;
  const auto note = [&mistakes](const std::string& line) { mistakes += (mistakes.empty() ? "" : "\n") + line; };
  std::error_code error;
  if (!fs::is_directory(directory, error)) return base::refuse("documents_invalid", directory.string() + " is not a directory");
  std::map<std::tuple<std::string, std::string, std::string, std::int64_t>, std::string> seen;
  for (const auto& path : json_files(directory)) {
    const std::string file = fs::relative(path, directory).string();
    auto document = read_document_file(path);
    if (!document) {
      note(file + ": " + document.error().detail);
      continue;
    }
    const auto [first, fresh] = seen.try_emplace({document->tenant, document->kind, document->name, document->version}, file);
    if (!fresh) note(file + ": " + document->label() + " is in " + first->second + " as well");
    documents.push_back({file, std::move(*document)});
  }
  if (documents.empty() && mistakes.empty()) note(directory.string() + " holds no .json file");
  if (!mistakes.empty()) return base::refuse("documents_invalid", mistakes);
  return documents;
}

}  // namespace countersign::catalog
