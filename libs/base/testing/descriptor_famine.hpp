#pragma once

// DescriptorFamine: while it lives, this process can open no further file. What is open stays open.
//
// Threads    The limit is the whole process's: other threads can open none either.

#include <sys/resource.h>

#include <stdexcept>

namespace countersign::base::testing {

class DescriptorFamine {
 public:
  DescriptorFamine() {
    if (getrlimit(RLIMIT_NOFILE, &before_) != 0) throw std::runtime_error("the limit of open files cannot be found out");
    const rlimit none{0, before_.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &none) != 0) throw std::runtime_error("the limit of open files cannot be lowered");
  }
  ~DescriptorFamine() { setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorFamine(const DescriptorFamine&) = delete;
  DescriptorFamine& operator=(const DescriptorFamine&) = delete;

 private:
  rlimit before_{};
};

}  // namespace countersign::base::testing
