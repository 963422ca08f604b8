/// Counts what a piece of code allocates, however it does so: operator new, malloc (Eigen's way) and their kin.
///
///   const long before = allocations();
///   model.loss(w, gradient);
///   const long made = allocations() - before;      // taken before REQUIRE, which allocates too
///   if (allocations_are_counted()) REQUIRE(made == 0);
#pragma once

/// Allocations so far, of all threads.
long allocations();

/// False where malloc can't be replaced: under a sanitizer that brings its own, or without glibc.
bool allocations_are_counted();
