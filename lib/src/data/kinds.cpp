#include "kinds.hpp"

#include <algorithm>
#include <forward_list>
#include <functional>
#include <set>
#include <string_view>
#include <unordered_set>

#include "fill.hpp"
#include "number.hpp"

namespace surefoot::data {
namespace {

/// What the cells of a column are, over the rows that are kept.
struct Tally {
  long missing = 0;
  long numbers = 0;  // infinite ones too
  long others = 0;
  Cell first_other{};

  long present() const { return numbers + others; }

  void add(const Cell& cell) {
    if (cell.is_number) {
      ++numbers;
      return;
    }
    switch (kind_of(cell.text)) {
      case CellKind::missing:
        ++missing;
        return;
      case CellKind::number:
      case CellKind::infinite:
        ++numbers;
        return;
      case CellKind::other:
        if (others++ == 0) first_other = cell;
    }
  }
};

/// The different values of a column that may be text.
class Values {
 public:
  explicit Values(const Text& text) : text_(text) {}

  void add(const Cell& cell, CellReader& cell_text) {
    if (is_missing(cell.text)) return;
    const std::string_view value = cell_text(cell);
    if (levels_.insert_if_new(value, text_) && has_form_of_number(value)) {
      if (numbers_.size() < enough_) numbers_.insert(to_number(value));
    }
  }

  long count() const { return static_cast<long>(levels_.known.size()); }
  std::size_t different_numbers() const { return numbers_.size(); }

  std::vector<std::string> sorted() const {
    std::vector<std::string> all(levels_.known.begin(), levels_.known.end());
    std::sort(all.begin(), all.end());
    return all;
  }

  template <class Test>
  bool all_of(const Test& test) const {
    return std::all_of(levels_.known.begin(), levels_.known.end(), test);
  }

 private:
  /// Views of the text itself; of what had to be rewritten, a copy is kept.
  struct Levels {
    std::unordered_set<std::string_view> known;
    std::forward_list<std::string> rewritten;

    bool insert_if_new(std::string_view value, const Text& text) {
      const std::less_equal<const char*> not_after;
      if (not_after(text.begin(), value.data()) && not_after(value.data(), text.end())) {
        return known.insert(value).second;
      }
      if (known.count(value) > 0) return false;
      return known.insert(rewritten.emplace_front(value)).second;
    }
  };

  static constexpr std::size_t enough_ = 21;  // only "more than 20" is asked
  const Text& text_;
  Levels levels_;
  std::set<double> numbers_;
};

bool is_number_with_comma(std::string_view cell) {
  std::string dotted(cell);
  std::replace(dotted.begin(), dotted.end(), ',', '.');
  return has_form_of_number(dotted);
}

/// Decides the kind of a column, by what is wished and what its cells are.
class Judge {
 public:
  Judge(const Source& source, std::size_t position, Wish wish, bool is_target)
      : values(source.text),
        source_(source),
        position_(position),
        wish_(wish),
        skipped_(!why_left_out(wish).empty()),
        is_target_(is_target) {}

  Tally tally{};
  Values values;

  std::size_t position() const { return position_; }
  bool skipped() const { return skipped_; }
  bool needs_values() const { return wish_ == Wish::text || (wish_ == Wish::none && tally.others > 0); }

  Column decide() const {
    Column column;
    column.name = source_.names[position_];
    column.index = static_cast<int>(position_) + 1;
    column.missing = tally.missing;
    if (skipped()) return left_out(std::move(column), why_left_out(wish_));
    if (wish_ == Wish::text) return text(std::move(column), "named in text");
    if (wish_ == Wish::number && tally.others > 0) {
      refuse_first_other(" is not a number, and the column is named in number; mend it");
    }
    if (tally.present() == 0) return left_out(std::move(column), "every cell is missing");
    if (tally.others == 0) {
      column.kind = ColumnKind::number;
      column.why = wish_ == Wish::number ? "named in number" : "its cells are numbers";
      return column;
    }
    refuse_spoilt_numbers();
    if (!is_target_ && values.count() > few_ && 2 * values.count() > tally.present()) {
      return left_out(std::move(column), "has " + std::to_string(values.count()) + " different texts in " +
                                             counted(tally.present(), "cell") +
                                             ", so it tells rows apart rather than groups them; --text " +
                                             source_.names[position_] + " keeps it");
    }
    const std::string first = shown(tally.first_other.text);
    return text(std::move(column), tally.numbers == 0
                                       ? "its cells are text, such as " + first
                                       : counted(tally.others, "cell") + " of " + std::to_string(tally.present()) +
                                             " not numbers, such as " + first);
  }

 private:
  static constexpr long few_ = 20;

  static Column left_out(Column column, std::string why) {
    column.kind = ColumnKind::left_out;
    column.why = std::move(why);
    return column;
  }

  Column text(Column column, std::string why) const {
    column.kind = ColumnKind::text;
    column.why = std::move(why);
    column.levels = values.sorted();
    if (tally.missing > 0 && !is_target_) {
      const auto place = std::lower_bound(column.levels.begin(), column.levels.end(), missing_level);
      column.levels.emplace(place, missing_level);
    }
    return column;
  }

  /// A few cells that are no numbers in a column of many are faults to mend, not a sign that it is text.
  void refuse_spoilt_numbers() const {
    const std::string name = shown(source_.names[position_]);
    if (10 * tally.numbers >= 9 * tally.present() && values.different_numbers() > static_cast<std::size_t>(few_)) {
      refuse_first_other(" is not a number, while " + std::to_string(tally.numbers) + " of " +
                         counted(tally.present(), "cell") + " of the column " + name +
                         " are; mend it, or name the column with --text" + (is_target_ ? "" : ", --drop"));
    }
    if (values.all_of(is_number_with_comma)) {
      refuse_first_other(" has a comma in a number; write 1.5 for 1,5 and 1000 for 1,000, or name the column " + name +
                         " with --text" + (is_target_ ? "" : ", --drop"));
    }
  }

  [[noreturn]] void refuse_first_other(const std::string& message) const {
    const Cell& cell = tally.first_other;
    source_.text.refuse(cell.text.data(), static_cast<long>(position_) + 1, shown(cell.text) + message);
  }

  const Source& source_;
  std::size_t position_;
  Wish wish_;
  bool skipped_;
  bool is_target_;
};

}  // namespace

Kinds decide_kinds(const Source& source, const Wishes& wishes, CellReader& cell_text) {
  std::vector<Judge> judges;
  judges.reserve(source.fields());
  for (std::size_t j = 0; j < source.fields(); ++j) {
    judges.emplace_back(source, j, wishes.of_column[j], static_cast<long>(j) == wishes.target);
  }
  const auto has_target = [&](const std::vector<Cell>& cells) {
    return wishes.target < 0 || !is_missing(cells[static_cast<std::size_t>(wishes.target)].text);
  };
  Kinds kinds;
  source.each_row<Look::forms>([&](const std::vector<Cell>& cells) {
    if (!has_target(cells)) {
      ++kinds.rows_left_out;
      return;
    }
    ++kinds.rows;
    for (std::size_t j = 0; j < cells.size(); ++j) {
      if (!judges[j].skipped()) judges[j].tally.add(cells[j]);
    }
  });
  refuse_no_rows(source, kinds.rows, kinds.rows_left_out);

  // Only now is it known which columns need their values collected: most files are numbers, and none need.
  std::vector<Judge*> maybe_text;
  for (Judge& judge : judges) {
    if (judge.needs_values()) maybe_text.push_back(&judge);
  }
  if (!maybe_text.empty()) {
    source.each_row<Look::cells>([&](const std::vector<Cell>& cells) {
      if (!has_target(cells)) return;
      for (Judge* judge : maybe_text) judge->values.add(cells[judge->position()], cell_text);
    });
  }
  for (const Judge& judge : judges) kinds.columns.push_back(judge.decide());
  return kinds;
}

}  // namespace surefoot::data
