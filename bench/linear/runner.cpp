#include "runner.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

namespace surefoot::linear {

namespace {

constexpr double tightest = 1e-13;
constexpr double longest = 60;  // seconds of a run
constexpr double far = 4;       // times as slow as the fastest

/// One peer with one number of threads, at its best setting.
struct Entry {
  const Peer* peer;
  int threads;
  double tolerance = unknown;
  Attempt first{};  // NaN seconds: left out of the turns
  std::vector<double> seconds{}, whole{};
};

double median(std::vector<double> numbers) {
  if (numbers.empty()) return unknown;
  std::sort(numbers.begin(), numbers.end());
  return numbers[numbers.size() / 2];
}

std::string family_of(const Peer& peer) { return peer.name.substr(0, peer.name.find(' ')); }

bool is_ours(const Peer& peer) { return peer.name.starts_with(family::ours); }

/// The loosest tolerance, by decades, whose weights are good enough.
void find_setting(const Case& of, Entry& entry, double limit) {
  const Peer& peer = *entry.peer;
  if (!peer.has_tolerance) {
    entry.first = peer.run(of, unknown, entry.threads, limit);
    if (!entry.first.arrived() && entry.first.note.empty()) entry.first.note = "does not get there";
    return;
  }
  for (double tolerance = peer.loosest; tolerance >= tightest; tolerance /= 10) {
    entry.tolerance = tolerance;
    entry.first = peer.run(of, tolerance, entry.threads, limit);
    if (entry.first.arrived() || std::isnan(entry.first.seconds)) return;
  }
  entry.first.note = "does not get there at any tolerance";
}

/// Enough turns for a median: more of what is fast.
int turns_for(double seconds) {
  constexpr double each = 0.6;  // seconds to spend on it
  return std::clamp(static_cast<int>(each / seconds) | 1, 3, 15);
}

std::string shown(double tolerance) {
  char text[32];
  std::snprintf(text, sizeof text, "tolerance %.0e", tolerance);
  return text;
}

Record record_of(const Case& of, const Entry& entry) {
  const Attempt& first = entry.first;
  Record record{
      .set = of.data->set.name,
      .rows = of.data->rows(),
      .columns = of.data->columns(),
      .model = of.data->model,
      .lambda = of.lambda,
      .solver = entry.peer->name,
      .threads = first.threads > 0 ? first.threads : entry.threads,
      .setting = entry.peer->has_tolerance ? shown(entry.tolerance) : entry.peer->setting,
      .seconds = median(entry.seconds),
      .fastest = entry.seconds.empty() ? unknown : *std::min_element(entry.seconds.begin(), entry.seconds.end()),
      .whole = median(entry.whole),
      .excess = is_ours(*entry.peer) ? first.whole_excess : first.excess,
      .passes = first.passes,
      .prepare = is_ours(*entry.peer) ? first.prepare : entry.peer->prepare,
      .runs = static_cast<int>(std::max(entry.seconds.size(), entry.whole.size())),
      .note = first.note};
  return record;
}

}  // namespace

Records run_case(const Case& of, const Peers& peers) {
  std::vector<Entry> entries;
  double best = 1e9;
  for (const Peer& peer : peers) {
    for (const int threads : peer.threads) {
      // With two threads nobody is four times as fast.
      const bool hopeless =
          !entries.empty() && entries.back().peer == &peer && entries.back().first.note == over_the_limit;
      if (hopeless) continue;
      Entry& entry = entries.emplace_back(Entry{.peer = &peer, .threads = threads});
      find_setting(of, entry, peer.has_tolerance ? std::clamp(far * best, 5.0, longest) : longest);
      if (entry.first.arrived()) best = std::min(best, entry.first.seconds);
      std::fprintf(stderr, "  %-28s %d  %s %.2f ms, excess %.1e %s\n", peer.name.c_str(), threads,
                   peer.has_tolerance ? shown(entry.tolerance).c_str() : peer.setting.c_str(),
                   1e3 * entry.first.seconds, entry.first.excess, entry.first.note.c_str());
    }
  }
  // Of each family the best is timed as well as ours; who is far behind it need not be known to the digit.
  std::map<std::string, double> best_of;
  for (const Entry& entry : entries) {
    if (!entry.first.arrived()) continue;
    double& so_far = best_of.try_emplace(family_of(*entry.peer), entry.first.seconds).first->second;
    so_far = std::min(so_far, entry.first.seconds);
  }
  const auto is_far_behind = [&](const Entry& entry) {
    constexpr double cheap = 0.2;  // seconds: below, a slow run may be one that was disturbed
    const auto found = best_of.find(family_of(*entry.peer));
    return found != best_of.end() && entry.first.seconds > std::max(cheap, far * found->second);
  };
  for (Entry& entry : entries) {
    if (entry.first.arrived() && is_far_behind(entry)) entry.seconds.push_back(entry.first.seconds);
  }
  // By turns, so that whatever else the machine does meets all alike.
  bool any = true;
  for (int turn = 0; any; ++turn) {
    any = false;
    for (Entry& entry : entries) {
      const bool runs = entry.first.arrived() || !std::isnan(entry.first.whole);
      const int turns = turns_for(std::fmax(entry.first.seconds, entry.first.whole));
      if (!runs || is_far_behind(entry) || turn >= turns) continue;
      any = true;
      const Attempt again = entry.peer->run(of, entry.tolerance, entry.threads, 1e9);
      if (again.arrived()) entry.seconds.push_back(again.seconds);
      if (!std::isnan(again.whole)) entry.whole.push_back(again.whole);
    }
  }
  Records records;
  for (const Entry& entry : entries) records.push_back(record_of(of, entry));
  return records;
}

}  // namespace surefoot::linear
