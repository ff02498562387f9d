# Turns a room's numbered migrations into a header. Included by Rooms.cmake; run by itself with -P at build time.
#
# countersign_embed_migrations(TARGET NAME DIR)
#   DIR/0001-create-tables.sql … become `countersign::NAME::migrations()`, a std::vector<postgres::Migration> in order of their numbers;
#   #include "NAME/migrations.hpp"

if(NOT CMAKE_SCRIPT_MODE_FILE)
  function(countersign_embed_migrations target name dir)
    get_filename_component(dir ${dir} ABSOLUTE BASE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
    file(GLOB files CONFIGURE_DEPENDS ${dir}/*.sql)
    set(header ${CMAKE_CURRENT_BINARY_DIR}/generated/${name}/migrations.hpp)
    set(script ${CMAKE_SOURCE_DIR}/cmake/EmbedMigrations.cmake)
    add_custom_command(
      OUTPUT ${header}
      COMMAND ${CMAKE_COMMAND} -DNAME=${name} -DDIR=${dir} -DOUT=${header} -P ${script}
      DEPENDS ${files} ${script}
      COMMENT "embedding the migrations of ${name}" VERBATIM)
    add_custom_target(${target}_${name}_migrations DEPENDS ${header})
    add_dependencies(${target} ${target}_${name}_migrations)
    get_target_property(type ${target} TYPE)
    set(reach PUBLIC)
    if(type STREQUAL "INTERFACE_LIBRARY")
      set(reach INTERFACE)
    endif()
    target_include_directories(${target} ${reach} ${CMAKE_CURRENT_BINARY_DIR}/generated)
  endfunction()
  return()
endif()

file(GLOB files ${DIR}/*.sql)
list(SORT files)
set(text "#pragma once\n\n// Written by the build from the migrations of this room.\n\n#include <vector>\n\n#include \"postgres/migrator.hpp\"\n\n")
string(APPEND text "namespace countersign::${NAME} {\n\n")
string(APPEND text "inline const std::vector<postgres::Migration>& migrations() {\n")
string(APPEND text "  static const std::vector<postgres::Migration> all{\n")
foreach(file ${files})
  get_filename_component(base ${file} NAME_WE)
  if(NOT base MATCHES "^([0-9][0-9][0-9][0-9])-([a-z0-9]+(-[a-z0-9]+)+)$")
    message(FATAL_ERROR "${file}: a migration is named NNNN-verb-object.sql")
  endif()
  set(digits ${CMAKE_MATCH_1})
  set(title ${CMAKE_MATCH_2})
  string(REGEX MATCH "[1-9][0-9]*$" number ${digits})
  file(READ ${file} sql)
  string(APPEND text "      {\"${NAME}\", ${number}, \"${title}\", R\"sql(${sql})sql\"},\n")
endforeach()
string(APPEND text "  };\n  return all;\n}\n\n}  // namespace countersign::${NAME}\n")
file(WRITE ${OUT} "${text}")
