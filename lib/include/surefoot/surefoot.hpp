/// Automatic step-size tuning for gradient descent: everything in one include.
///
///   #include <surefoot/surefoot.hpp>
///   auto result = surefoot::minimize([](const Eigen::VectorXd& w, Eigen::VectorXd& gradient) {
///     gradient = 2 * w;
///     return w.squaredNorm();
///   }, Eigen::VectorXd::Ones(3));
#pragma once

#include "surefoot/any_rule.hpp"
#include "surefoot/check_gradient.hpp"
#include "surefoot/coordinates/diagonal.hpp"
#include "surefoot/data/read.hpp"
#include "surefoot/directions/conjugate_gradient.hpp"
#include "surefoot/directions/heavy_ball.hpp"
#include "surefoot/directions/l_bfgs.hpp"
#include "surefoot/directions/nesterov.hpp"
#include "surefoot/directions/steepest.hpp"
#include "surefoot/find_step.hpp"
#include "surefoot/fit.hpp"
#include "surefoot/loop/minimizer.hpp"
#include "surefoot/minimize.hpp"
#include "surefoot/objectives/box.hpp"
#include "surefoot/objectives/differences.hpp"
#include "surefoot/objectives/functions.hpp"
#include "surefoot/objectives/lasso.hpp"
#include "surefoot/objectives/linear.hpp"
#include "surefoot/registry.hpp"
#include "surefoot/step_tuner.hpp"
#include "surefoot/steps/armijo.hpp"
#include "surefoot/steps/barzilai_borwein.hpp"
#include "surefoot/steps/fixed.hpp"
#include "surefoot/steps/grow.hpp"
#include "surefoot/steps/hager_zhang.hpp"
#include "surefoot/steps/joined.hpp"
#include "surefoot/steps/nonmonotone_armijo.hpp"
#include "surefoot/steps/strong_wolfe.hpp"
#include "surefoot/steps/weak_wolfe.hpp"
#include "surefoot/version.hpp"
