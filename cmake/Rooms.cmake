# How a room (a library), a service and a test are declared.

include(GoogleTest)
include(EmbedMigrations)

# countersign_library(NAME SOURCES file… [USES room…] [PRIVATE_USES target…] [SQL dir])
#   USES          rooms and targets that the headers of this room include
#   PRIVATE_USES  targets that only its .cpp files include
#   SQL           a folder of .sql files, one statement each; #include "NAME/sql.hpp" gives one constant per file
#   MUTABLE       asks base/mutation.hpp: the target `mutants` compiles it a second time
function(countersign_library name)
  cmake_parse_arguments(ARG "MUTABLE" "SQL" "SOURCES;USES;PRIVATE_USES" ${ARGN})
  set(target countersign_${name})
  if(ARG_SOURCES)
    add_library(${target} STATIC ${ARG_SOURCES})
    target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR}/libs ${CMAKE_SOURCE_DIR}/services)
    target_link_libraries(${target} PUBLIC ${ARG_USES} PRIVATE ${ARG_PRIVATE_USES})
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${CMAKE_SOURCE_DIR}/libs ${CMAKE_SOURCE_DIR}/services)
    target_link_libraries(${target} INTERFACE ${ARG_USES})
  endif()
  if(ARG_SQL)
    countersign_embed_sql(${target} ${name} ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_SQL})
  endif()
  if(ARG_MUTABLE)
    add_library(${target}_mutable STATIC EXCLUDE_FROM_ALL ${ARG_SOURCES})
    target_compile_definitions(${target}_mutable PRIVATE COUNTERSIGN_MUTANTS)
    target_link_libraries(${target}_mutable PRIVATE ${target} ${ARG_PRIVATE_USES})
    set_property(GLOBAL APPEND PROPERTY COUNTERSIGN_MUTABLE ${target}_mutable)
  endif()
endfunction()

# Turns DIR/find_ready_steps.sql into `countersign::NAME::sql::find_ready_steps`, a postgres::Statement whose name is the file's.
function(countersign_embed_sql target name dir)
  file(GLOB files CONFIGURE_DEPENDS ${dir}/*.sql)
  set(header ${CMAKE_CURRENT_BINARY_DIR}/generated/${name}/sql.hpp)
  add_custom_command(
    OUTPUT ${header}
    COMMAND ${CMAKE_COMMAND} -DNAME=${name} -DDIR=${dir} -DOUT=${header} -P ${CMAKE_SOURCE_DIR}/cmake/EmbedSql.cmake
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/EmbedSql.cmake
    COMMENT "embedding the SQL of ${name}" VERBATIM)
  add_custom_target(${target}_sql DEPENDS ${header})
  add_dependencies(${target} ${target}_sql)
  target_include_directories(${target} PUBLIC ${CMAKE_CURRENT_BINARY_DIR}/generated)
endfunction()

# countersign_executable(NAME SOURCES file… USES target…)
#   Builds bin/NAME, and faults/NAME from the very same objects with the armed crash points (target NAME_faults, part of `faults`).
#   mutants/NAME (part of `mutants`) can be broken on purpose besides: of the mutable libraries it has the second make, which is linked first.
function(countersign_executable name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
  add_library(${name}_main OBJECT ${ARG_SOURCES})
  target_link_libraries(${name}_main PUBLIC ${ARG_USES})
  add_executable(${name} $<TARGET_OBJECTS:${name}_main>)
  target_link_libraries(${name} PRIVATE ${ARG_USES} countersign_crash_points_off)
  add_executable(${name}_faults EXCLUDE_FROM_ALL $<TARGET_OBJECTS:${name}_main>)
  target_link_libraries(${name}_faults PRIVATE ${ARG_USES} countersign_crash_points_armed)
  set_target_properties(${name}_faults PROPERTIES OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/faults)
  if(NOT TARGET faults)
    add_custom_target(faults)
  endif()
  add_dependencies(faults ${name}_faults)
  get_property(mutable GLOBAL PROPERTY COUNTERSIGN_MUTABLE)
  add_executable(${name}_mutants EXCLUDE_FROM_ALL $<TARGET_OBJECTS:${name}_main>)
  target_link_libraries(${name}_mutants PRIVATE ${mutable} ${ARG_USES} countersign_mutations_armed countersign_crash_points_armed)
  target_link_options(${name}_mutants PRIVATE -Wl,--allow-multiple-definition)
  set_target_properties(${name}_mutants PROPERTIES OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/mutants)
  if(NOT TARGET mutants)
    add_custom_target(mutants)
  endif()
  add_dependencies(mutants ${name}_mutants)
endfunction()

# A plain build makes what is shipped. `suites` makes every test program; the other two make those that need nothing but themselves, and those
# worth watching for data races, which is what the sanitizer flavours build and run.
add_custom_target(suites)
add_custom_target(unit_suites)
add_custom_target(thread_suites)

# countersign_test(NAME SOURCES file… USES target… [LABELS unit|threads|database|broker…] [TIMEOUT seconds])
#   One executable, one CTest entry. Unit suites need nothing; database and broker suites start their own server.
function(countersign_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;USES;LABELS" ${ARGN})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${name} EXCLUDE_FROM_ALL ${ARG_SOURCES})
  add_dependencies(suites ${name})
  target_link_libraries(${name} PRIVATE ${ARG_USES} countersign_crash_points_off GTest::gtest GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE COUNTERSIGN_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  # What is tested is optimised as shipped; optimising the tests themselves would double the time to build them.
  target_compile_options(${name} PRIVATE -O0 -U_FORTIFY_SOURCE)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  foreach(label unit thread)
    if(label IN_LIST ARG_LABELS OR "${label}s" IN_LIST ARG_LABELS)
      add_dependencies(${label}_suites ${name})
    endif()
  endforeach()
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
endfunction()
