#include "http/curl_start.hpp"

#include <curl/curl.h>

#include "base/invariant.hpp"

namespace countersign::http {

void start_curl_once() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  COUNTERSIGN_INVARIANT(started == CURLE_OK, "libcurl starts");
}

}  // namespace countersign::http
