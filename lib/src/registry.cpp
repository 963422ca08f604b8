#include "surefoot/registry.hpp"

#include <cctype>

#include "specification.hpp"
#include "surefoot/steps/adapg.hpp"
#include "surefoot/steps/adaptive_bb.hpp"
#include "surefoot/steps/adgd.hpp"
#include "surefoot/steps/armijo.hpp"
#include "surefoot/steps/auto_step.hpp"
#include "surefoot/steps/barzilai_borwein.hpp"
#include "surefoot/steps/bold_driver.hpp"
#include "surefoot/steps/cauchy.hpp"
#include "surefoot/steps/cyclic_bb.hpp"
#include "surefoot/steps/dai_yuan.hpp"
#include "surefoot/steps/fixed.hpp"
#include "surefoot/steps/goldstein.hpp"
#include "surefoot/steps/grow.hpp"
#include "surefoot/steps/hager_zhang.hpp"
#include "surefoot/steps/hypergradient.hpp"
#include "surefoot/steps/joined.hpp"
#include "surefoot/steps/lmsd.hpp"
#include "surefoot/steps/more_thuente.hpp"
#include "surefoot/steps/nonmonotone_armijo.hpp"
#include "surefoot/steps/polyak.hpp"
#include "surefoot/steps/sdc.hpp"
#include "surefoot/steps/silver.hpp"
#include "surefoot/steps/stabilised_bb.hpp"
#include "surefoot/steps/strong_wolfe.hpp"
#include "surefoot/steps/weak_wolfe.hpp"
#include "surefoot/steps/zhang_hager.hpp"

namespace surefoot {
namespace {

/// What the entries of one header have in common.
struct Place {
  std::string header, test, page;
  explicit Place(const std::string& file, const std::string& page_name)
      : header("lib/include/surefoot/steps/" + file + ".hpp"),
        test("tests/steps/" + file + "_test.cpp"),
        page("docs/strategies/" + page_name + ".md") {}
};

template <class Rule>
RuleEntry entry(Rule rule, std::string name, std::vector<std::string> aliases, std::string title, std::string cost,
                std::string source, const Place& place) {
  return {
      name,         std::move(aliases), std::move(title), std::move(cost), std::move(source),
      place.header, place.test,         place.page,       Rule::role,      AnyRule(std::move(rule), std::move(name))};
}

/// A rule joined with another that was also chosen at run time: what Joined checks at compile time, make_rule has.
struct AnyJudge : AnyRule {
  using AnyRule::AnyRule;
  explicit AnyJudge(AnyRule rule) : AnyRule(std::move(rule)) {}
  static constexpr Role role = Role::shrinks;
};

std::vector<std::string> names_where(auto&& fits) {
  std::vector<std::string> names;
  for (const auto& known : registry()) {
    if (fits(known)) names.push_back(known.name);
  }
  return names;
}

const RuleEntry& find(const std::string& name) {
  for (const auto& known : registry()) {
    if (known.name == name) return known;
    for (const auto& alias : known.aliases) {
      if (alias == name) return known;
    }
  }
  throw std::invalid_argument("there is no step rule '" + name + "'; there are " +
                              joined(names_where([](const auto&) { return true; })) +
                              ", and a proposer joined with a judge, such as bb+nonmonotone");
}

/// Where the second rule of a pair begins: after a + that is not the sign of an exponent (step=1e+05).
std::size_t find_plus(const std::string& specification) {
  for (std::size_t i = 0; i < specification.size(); ++i) {
    if (specification[i] != '+') continue;
    const bool exponent =
        i >= 2 && (specification[i - 1] == 'e' || specification[i - 1] == 'E') &&
        (std::isdigit(static_cast<unsigned char>(specification[i - 2])) != 0 || specification[i - 2] == '.');
    if (!exponent) return i;
  }
  return std::string::npos;
}

struct Part {
  const RuleEntry* entry;
  AnyRule rule;
};

Part make_part(const std::string& text) {
  const Specification asked = parse_specification(text);
  const RuleEntry& known = find(asked.name);
  Part part{&known, known.rule};
  if (!asked.options) return part;
  const auto options_there = [&] {
    std::vector<std::string> names;
    for (const auto& parameter : part.rule.parameters_now()) names.push_back(parameter.name);
    return names;
  };
  set_options(
      known.name, *asked.options, [&](const std::string& option, double value) { return part.rule.set(option, value); },
      options_there);
  part.rule.validate();
  return part;
}

/// Why a rule can't stand second in a pair.
std::string why_no_judge(const RuleEntry& entry, const std::string& proposer) {
  if (entry.role == Role::proposes) return entry.name + " proposes a step itself, and judges none";
  if (entry.rule.probes() == Probe::none) return entry.name + " keeps to steps of its own, and judges none";
  return entry.name + " may lengthen a step, which would undo what " + proposer + " proposes on purpose";
}

/// The rule, or the two of a pair that fit together.
std::vector<Part> make_parts(const std::string& specification) {
  const std::size_t plus = find_plus(specification);
  std::vector<Part> parts;
  parts.push_back(make_part(specification.substr(0, plus)));
  if (plus == std::string::npos) return parts;
  const std::string rest = specification.substr(plus + 1);
  if (find_plus(rest) != std::string::npos) {
    throw std::invalid_argument("'" + specification + "' joins more than two rules: a pair is a proposer and a judge");
  }
  parts.push_back(make_part(rest));
  const RuleEntry& first = *parts[0].entry;
  const RuleEntry& second = *parts[1].entry;
  if (first.role != Role::proposes) {
    const std::string why = first.rule.probes() == Probe::none ? " keeps to steps of its own, which a judge would spoil"
                                                               : " does not propose a step";
    throw std::invalid_argument(first.name + why + ", so it can't stand first in a pair; those that propose are " +
                                joined(names_where([](const auto& e) { return e.role == Role::proposes; })));
  }
  if (second.role != Role::shrinks) {
    throw std::invalid_argument(why_no_judge(second, first.name) + "; judges that only shrink are " +
                                joined(names_where([](const auto& e) { return e.role == Role::shrinks; })));
  }
  return parts;
}

}  // namespace

const std::vector<RuleEntry>& registry() {
  using Form = BarzilaiBorwein::Form;
  using Adaptive = AdaptiveBB::Form;
  const Place bb("barzilai_borwein", "barzilai-borwein"), abb("adaptive_bb", "abb"), polyak("polyak", "polyak"),
      adgd("adgd", "adgd");
  static const std::vector<RuleEntry> entries{
      // Judges
      entry(Fixed{}, "fixed", {}, "keeps the step it was given; the monitor shortens it when it must", "1", "textbook",
            Place("fixed", "fixed")),
      entry(Armijo{}, "armijo", {}, "backtracks until the loss has fallen enough; lengthens what was taken at once",
            "1.3", "Armijo (1966)", Place("armijo", "armijo")),
      entry(NonmonotoneArmijo{}, "nonmonotone", {"gll"},
            "backtracks until the loss is enough below the worst of the last few", "1.2",
            "Grippo, Lampariello & Lucidi (1986)", Place("nonmonotone_armijo", "nonmonotone")),
      entry(ZhangHager{}, "zhang-hager", {}, "backtracks until the loss is enough below an average of the past ones",
            "1.3", "Zhang & Hager (2004)", Place("zhang_hager", "zhang-hager")),
      entry(Goldstein{}, "goldstein", {},
            "brackets a step between two lines of decrease: neither too long nor too short", "2", "Goldstein (1965)",
            Place("goldstein", "goldstein")),
      entry(WeakWolfe{}, "weak-wolfe", {}, "brackets a step that lowers the loss and flattens the slope enough", "1.5",
            "Wolfe (1969); Lewis & Overton (2013)", Place("weak_wolfe", "weak-wolfe")),
      entry(StrongWolfe{}, "strong-wolfe", {}, "brackets a step that lowers the loss and leaves almost no slope", "2",
            "Nocedal & Wright (2006)", Place("strong_wolfe", "strong-wolfe")),
      entry(MoreThuente{}, "more-thuente", {},
            "closes in on a step with almost no slope left by safeguarded cubics: MINPACK's search", "2",
            "Moré & Thuente (1994)", Place("more_thuente", "more-thuente")),
      entry(HagerZhang{}, "hager-zhang", {}, "brackets by slopes and secants, to the last digit of the loss", "2",
            "Hager & Zhang (2005)", Place("hager_zhang", "hager-zhang")),
      entry(Grow{}, "grow", {"grow-shrink"}, "grows until divergence, then shrinks and closes in on the bad step",
            "1.2", "ours, after learning-rate range tests (Smith 2017)", Place("grow", "grow")),
      entry(BoldDriver{}, "bold-driver", {}, "a little longer after each decrease, half after each rise", "1.1",
            "Vogl et al. (1988); Battiti (1989)", Place("bold_driver", "bold-driver")),
      // Proposers
      entry(AutoStep{}, "auto", {}, "changes between long, short and two-dimensional curvature steps by what it sees",
            "1", "ours, after Bonettini et al. (2009) and Huang et al. (2021)", Place("auto_step", "auto")),
      entry(BarzilaiBorwein{}, "bb1", {"bb"}, "the long curvature step of the last pair, s·s / s·y", "1",
            "Barzilai & Borwein (1988)", bb),
      entry(BarzilaiBorwein{.form = Form::short_step}, "bb2", {},
            "the short curvature step of the last pair, s·y / y·y", "1", "Barzilai & Borwein (1988)", bb),
      entry(BarzilaiBorwein{.form = Form::alternate}, "bb-alternate", {}, "long and short curvature steps in turn", "1",
            "Dai & Fletcher (2005)", bb),
      entry(AdaptiveBB{.form = Adaptive::plain}, "abb", {}, "the short curvature step where it is much the shorter",
            "1", "Zhou, Gao & Dai (2006)", abb),
      entry(AdaptiveBB{.form = Adaptive::shortest}, "abbmin1", {},
            "as abb, with the shortest of the last few short steps", "1", "Frassoldati, Zanni & Zanghirati (2008)",
            abb),
      entry(AdaptiveBB{.form = Adaptive::variable}, "abb-variable", {}, "as abbmin1, with a threshold that adapts", "1",
            "Bonettini, Zanella & Zanni (2009)", abb),
      entry(StabilisedBB{}, "stabilised-bb", {}, "bb1, with steps in the weights that can't become much longer", "1",
            "Burdakov, Dai & Huang (2019)", Place("stabilised_bb", "stabilised-bb")),
      entry(CyclicBB{}, "cyclic-bb", {}, "bb1, each step kept for a few iterations", "1",
            "Dai, Hager, Schittkowski & Zhang (2006)", Place("cyclic_bb", "cyclic-bb")),
      entry(Cauchy{}, "cauchy", {}, "probes the ray's curvature and goes to its minimum, as if the loss were quadratic",
            "2", "Cauchy (1847)", Place("cauchy", "cauchy")),
      entry(DaiYuan{}, "dai-yuan", {}, "two steps to the ray's minimum, two of Yuan's shorter ones, in turn", "2",
            "Yuan (2006); Dai & Yuan (2005)", Place("dai_yuan", "dai-yuan")),
      entry(SDC{}, "sdc", {}, "a few steps to the ray's minimum, then one of Yuan's, kept for a while", "1.6",
            "De Asmundis et al. (2014)", Place("sdc", "sdc")),
      entry(LMSD{}, "lmsd", {}, "sweeps over the curvatures that the last gradients agree on; keeps those gradients",
            "1", "Fletcher (2012)", Place("lmsd", "lmsd")),
      entry(AdGD{}, "adgd", {},
            "grows slowly below half the inverse curvature of the last step; proven for convex losses", "1",
            "Malitsky & Mishchenko (2020)", adgd),
      entry(AdGD2{}, "adgd2", {}, "as adgd, with longer steps; proven for convex losses", "1",
            "Malitsky & Mishchenko (2023)", adgd),
      entry(AdaPG{}, "adapg", {}, "as adgd, from both curvature lengths; proven for proximal steps too", "1",
            "Latafat, Themelis, Stella & Patrinos (2023)", Place("adapg", "adapg")),
      entry(Polyak{}, "polyak", {}, "as far as the tangent needs to fall to the least loss, known or guessed", "1",
            "Polyak (1969)", polyak),
      entry(PolyakLevel{}, "polyak-level", {}, "Polyak's step towards a guessed level below the best loss", "1",
            "Goffin & Kiwiel (1999); Nedić & Bertsekas (2001)", polyak),
      entry(Hypergradient{}, "hypergradient", {}, "longer while successive gradients agree, shorter when they turn",
            "1", "Baydin et al. (2018)", Place("hypergradient", "hypergradient")),
      entry(Silver{}, "silver", {},
            "a fixed schedule of short and ever longer steps, proven for convex losses with L known", "1",
            "Altschuler & Parrilo (2023)", Place("silver", "silver")),
  };
  return entries;
}

std::vector<std::string> rule_names() {
  std::vector<std::string> names = names_where([](const auto&) { return true; });
  for (const auto& proposer : names_where([](const auto& e) { return e.role == Role::proposes; })) {
    for (const auto& judge : names_where([](const auto& e) { return e.role == Role::shrinks; })) {
      names.push_back(proposer + "+" + judge);
    }
  }
  return names;
}

std::vector<const RuleEntry*> entries_of(const std::string& specification) {
  std::vector<const RuleEntry*> entries;
  for (const Part& part : make_parts(specification)) entries.push_back(part.entry);
  return entries;
}

AnyRule make_rule(const std::string& specification) {
  std::vector<Part> parts = make_parts(specification);
  if (parts.size() == 1) return AnyRule(std::move(parts[0].rule), specification);
  return AnyRule(Joined<AnyRule, AnyJudge>{std::move(parts[0].rule), AnyJudge(std::move(parts[1].rule))},
                 specification);
}

}  // namespace surefoot
