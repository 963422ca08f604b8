/// The kernels of every instruction set that this machine runs, one after the other.
#pragma once

#include "catch.hpp"
#include "surefoot/passes/kernels.hpp"

namespace surefoot::test {

template <class Check>
void on_each_instruction_set(Check&& check) {
  int count = 0;
  const passes::Kernels* const* all = passes::all_kernels(count);
  for (int i = 0; i < count; ++i) {
    INFO("instruction set " << all[i]->name);
    check(*all[i]);
  }
}

}  // namespace surefoot::test
