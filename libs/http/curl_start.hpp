#pragma once

// libcurl, started before it is first used.

namespace countersign::http {

// Once per process; from any thread. Ends the process when it cannot.
void start_curl_once();

}  // namespace countersign::http
