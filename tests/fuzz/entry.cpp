// What the fuzzer calls: the target that the build names.

#include <cstddef>
#include <cstdint>

#include "fuzz/targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  countersign::fuzz::COUNTERSIGN_FUZZ_TARGET({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
