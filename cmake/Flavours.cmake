# The flavours of a build, chosen by the presets in CMakePresets.json.
#
#   COUNTERSIGN_SANITIZE   ""|address|thread   instruments everything
#   COUNTERSIGN_COVERAGE   ON adds gcov counters
#   COUNTERSIGN_KAFKA      OFF leaves librdkafka out (ThreadSanitizer cannot start with it); only what runs on MemoryBroker remains

set(COUNTERSIGN_SANITIZE "" CACHE STRING "sanitizers to build with: empty, address (with undefined), thread")
option(COUNTERSIGN_COVERAGE "count executed lines" OFF)
option(COUNTERSIGN_KAFKA "build what links librdkafka" ON)

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Wformat=2
                    -Werror -fno-omit-frame-pointer)
# g++ 12 reports these inside its own library at -O2 (GCC bugs 105329, 105651, 106199).
add_compile_options(-Wno-restrict -Wno-stringop-overflow -Wno-maybe-uninitialized -Wno-dangling-pointer)
# Some files of a room are compiled together (CMAKE_UNITY_BUILD in the presets): reading the headers is most of the work. g++ then takes a type
# with a member from an unnamed namespace for one that other files could see.
if(CMAKE_UNITY_BUILD)
  add_compile_options(-Wno-subobject-linkage)
endif()
add_compile_definitions(_GLIBCXX_ASSERTIONS)

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
  add_compile_options(-fstack-protector-strong -fstack-clash-protection -fcf-protection)
  add_compile_definitions(_FORTIFY_SOURCE=2)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  add_link_options(-pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack)
endif()

if(COUNTERSIGN_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
elseif(COUNTERSIGN_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -Wno-tsan)
  add_link_options(-fsanitize=thread)
endif()

if(COUNTERSIGN_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()

find_program(COUNTERSIGN_MOLD mold)
if(COUNTERSIGN_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
find_program(COUNTERSIGN_CCACHE ccache)
if(COUNTERSIGN_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${COUNTERSIGN_CCACHE})
endif()
