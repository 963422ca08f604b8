/// A step rule chosen at run time: a value that is itself a StepRule, so the loop is compiled once for all of them.
///
///   AnyRule rule = surefoot::make_rule("bb+nonmonotone:memory=10");
///   AnyRule copy = rule;                       // independent
///   RuleState state = rule.write();            // to write down
///   copy.resume(state);                        // goes on bit for bit
#pragma once

#include <memory>
#include <utility>

#include "surefoot/loop/rule.hpp"

namespace surefoot {

class AnyRule {
 public:
  template <class Rule>
  requires(!std::derived_from<Rule, AnyRule>) && StepRule<Rule> AnyRule(Rule rule, std::string name)
      : held_(std::make_unique<Held<Rule>>(std::move(rule))),
  name_(std::move(name)) {}
  template <class Rule>
  requires(!std::derived_from<Rule, AnyRule>) && StepRule<Rule> explicit(false) AnyRule(Rule rule)
      : AnyRule(std::move(rule), std::string(Rule::name)) {}

  /// The same rule under the name that it was asked for.
  AnyRule(AnyRule rule, std::string name) : held_(std::move(rule.held_)), name_(std::move(name)) {}

  AnyRule(const AnyRule& other) : held_(other.held_->copy()), name_(other.name_) {}
  AnyRule(AnyRule&&) noexcept = default;
  AnyRule& operator=(const AnyRule& other) {
    if (this != &other) *this = AnyRule(other);
    return *this;
  }
  AnyRule& operator=(AnyRule&&) noexcept = default;
  ~AnyRule() = default;

  Ask first(const Ray& ray) { return held_->first(ray); }
  Verdict judge(const Ray& ray, const Trial& trial) { return held_->judge(ray, trial); }
  void taken(const Move& move) { held_->taken(move); }
  void taken(const Move& move, const Vector& from, const Vector& to) { held_->taken(move, from, to); }
  void rolled_back(double factor) { held_->rolled_back(factor); }
  void restarted(const Ray& ray) { held_->restarted(ray); }
  Learns learns() const { return held_->learns(); }
  Probe probes() const { return held_->probes(); }
  bool needs_gradient_direction() const { return held_->needs_gradient_direction(); }
  bool needs_gradients() const { return held_->needs_gradients(); }
  bool probing() const { return held_->probing(); }
  bool adapts() const { return held_->adapts(); }
  double given_step() const { return held_->given_step(); }
  void validate() const { held_->validate(); }

  /// As the registry and the command line spell it.
  const std::string& spelling() const { return name_; }
  std::vector<Parameter> parameters_now() const { return held_->parameters(); }
  /// Sets a parameter by name; false if the rule has none of that name. Throws where the value is out of range.
  bool set(std::string_view parameter, double value) { return held_->set(parameter, value); }
  RuleState write() const { return held_->write(); }
  /// Goes on from a written state. Throws std::invalid_argument if it is not one of this rule.
  void resume(const RuleState& state) { held_->resume(state); }

 private:
  struct Interface {
    virtual ~Interface() = default;
    virtual std::unique_ptr<Interface> copy() const = 0;
    virtual Ask first(const Ray&) = 0;
    virtual Verdict judge(const Ray&, const Trial&) = 0;
    virtual void taken(const Move&) = 0;
    virtual void taken(const Move&, const Vector&, const Vector&) = 0;
    virtual void rolled_back(double) = 0;
    virtual void restarted(const Ray&) = 0;
    virtual Learns learns() const = 0;
    virtual Probe probes() const = 0;
    virtual bool needs_gradient_direction() const = 0;
    virtual bool needs_gradients() const = 0;
    virtual bool probing() const = 0;
    virtual bool adapts() const = 0;
    virtual double given_step() const = 0;
    virtual void validate() const = 0;
    virtual std::vector<Parameter> parameters() const = 0;
    virtual bool set(std::string_view, double) = 0;
    virtual RuleState write() const = 0;
    virtual void resume(const RuleState&) = 0;
  };

  template <class Rule>
  struct Held final : Interface {
    Rule rule;
    explicit Held(Rule held) : rule(std::move(held)) {}

    std::unique_ptr<Interface> copy() const override { return std::make_unique<Held>(rule); }
    Ask first(const Ray& ray) override { return rule.first(ray); }
    Verdict judge(const Ray& ray, const Trial& trial) override { return rule.judge(ray, trial); }
    void taken(const Move& move) override { rule.taken(move); }
    void taken(const Move& move, const Vector& from, const Vector& to) override { learn(rule, move, from, to); }
    void rolled_back(double factor) override { rule.rolled_back(factor); }
    void restarted(const Ray& ray) override { rule.restarted(ray); }
    Learns learns() const override { return rule.learns(); }
    Probe probes() const override { return surefoot::probes(rule); }
    bool needs_gradient_direction() const override { return surefoot::needs_gradient_direction(rule); }
    bool needs_gradients() const override { return surefoot::needs_gradients(rule); }
    bool probing() const override { return surefoot::probing(rule); }
    bool adapts() const override { return surefoot::adapts(rule); }
    double given_step() const override { return surefoot::given_step(rule); }
    void validate() const override { validate_rule(rule); }
    std::vector<Parameter> parameters() const override {
      if constexpr (requires { Rule::parameters(rule, [](auto&&...) {}); }) return list_parameters(rule);
      return {};
    }
    bool set(std::string_view parameter, double value) override {
      if constexpr (requires { Rule::parameters(rule, [](auto&&...) {}); }) {
        return set_parameter(rule, Rule::name, parameter, value);
      }
      return false;
    }
    RuleState write() const override { return write_state(rule); }
    void resume(const RuleState& written) override { resume_state(rule, written); }
  };

  std::unique_ptr<Interface> held_;
  std::string name_;
};

static_assert(StepRule<AnyRule>);

}  // namespace surefoot
