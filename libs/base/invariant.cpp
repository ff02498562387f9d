#include "base/invariant.hpp"

#include <cstdio>
#include <cstdlib>

namespace countersign::base {

void invariant_broken(const char* belief, const char* file, int line) noexcept {
  std::fprintf(stderr, "{\"level\":\"critical\",\"event\":\"invariant_broken\",\"belief\":\"%s\",\"at\":\"%s:%d\"}\n", belief, file, line);
  std::abort();
}

}  // namespace countersign::base
