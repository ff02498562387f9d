#pragma once

namespace countersign::http {

// libcurl's own start, once per process; from any thread. Ends the process when it cannot.
void start_curl_once();

}  // namespace countersign::http
