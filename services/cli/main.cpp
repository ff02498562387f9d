// countersign: the command line of operators and reviewers.
//
//     migrate · topics create · apply            bring a site about, and forward
//     publish                                    tickets from a file
//     runs · handoffs · dead-letters · doctor    look; change nothing
//     approvals · approve · deny · request-changes       what waits for people, and their answers
//     keys new · sign · people · issuers         who may answer
//     bench                                      how fast a fleet is
//     offsets repair|adopt · sequences pass      mend what only a person may decide
//
// Every command is a function of its flags; command_line.cpp turns the flags into its arguments.

#include "cli/command_line.hpp"

int main(int argc, char** argv) { return countersign::cli::run_command_line(argc, argv); }
