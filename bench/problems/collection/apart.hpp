/// The set apart: families of functions other than those that surefoot was made with. Nothing is ever chosen on it.
#pragma once

#include "apart/fields.hpp"
#include "apart/others.hpp"
#include "apart/statistics.hpp"
#include "apart/sums.hpp"

namespace surefoot::problems {

inline Problems apart() {
  Problems all;
  for (Problems (*group)() : {apart_sums, apart_statistics, apart_fields, apart_others}) {
    for (Problem& problem : group()) all.push_back(std::move(problem));
  }
  return all;
}

}  // namespace surefoot::problems
