// surefoot: finds the step size of gradient descent, on your own file. One file a command; here only: which command,
// and which exit code an exception means.
#include <algorithm>
#include <new>

#include "commands.hpp"
#include "exit_codes.hpp"
#include "interrupts.hpp"
#include "options.hpp"
#include "surefoot/data/error.hpp"
#include "surefoot/data/write_file.hpp"
#include "surefoot/version.hpp"
#include "terminal.hpp"

namespace surefoot::app {
namespace {

const std::vector<Command>& commands() {
  static const std::vector<Command> all{
      {"train", "DATA --target NAME|INDEX [options]", "fit a linear model to a file", train},
      {"predict", "MODEL.json DATA [-o OUT.csv]", "what a saved model says of each row", predict},
      {"strategies", "[NAME] [--json]", "the step rules, or one of them in full", strategies},
  };
  return all;
}

std::string help() {
  std::string text = "surefoot: linear models by gradient descent, without a step size to guess\n\n";
  for (const Command& command : commands()) {
    text += "  surefoot " + left(command.name + " " + command.synopsis, 45) + command.summary + "\n";
  }
  return text +
         "\n"
         "  surefoot COMMAND --help    its options and examples\n"
         "  surefoot --version\n"
         "\n"
         "Results go to stdout, everything else to stderr. Exit code: 0 done; 1 training failed; 2 usage; 65 bad "
         "data;\n"
         "66 cannot read; 73 cannot write; 130 interrupted.\n";
}

int dispatch(const Words& words) {
  if (words.empty()) {
    say(help() + "\nsurefoot: which command?");
    return usage;
  }
  const std::string& first = words.front();
  if (first == "--help" || first == "-h") return write_file("-", help()), done;
  if (first == "--version") return write_file("-", std::string("surefoot ") + version + "\n"), done;
  std::vector<std::string> names;
  for (const Command& command : commands()) {
    if (command.name == first) return command.run({words.begin() + 1, words.end()});
    names.push_back(command.name);
  }
  if (first.size() > 1 && first.front() == '-') {
    throw UsageError("unknown option " + first + perhaps(first, {"--help", "--version"}) +
                     "; the command comes first: " + joined(names));
  }
  throw UsageError("unknown command '" + first + "'" + perhaps(first, names) + "; there are " + joined(names));
}

int fail(ExitCode code, const std::string& why) {
  say("surefoot: " + why);
  return code;
}

int run(const Words& words) {
  try {
    return dispatch(words);
  } catch (const UsageError& error) {
    return fail(usage, error.what());
  } catch (const std::invalid_argument& error) {  // an option that the library refuses
    return fail(usage, error.what());
  } catch (const DataError& error) {  // "FILE:LINE:COLUMN: …" at the start of its line, as editors want it
    say(error.what());
    return bad_data;
  } catch (const FileError& error) {
    return fail(cannot_read, error.what());
  } catch (const WriteError& error) {
    return fail(cannot_write, error.what());
  } catch (const std::bad_alloc&) {
    return fail(failed, "there is not enough memory for this");
  } catch (const std::exception& error) {
    return fail(failed, error.what());
  }
}

}  // namespace
}  // namespace surefoot::app

int main(int count, char** values) {
  surefoot::app::watch_for_interrupts();
  return surefoot::app::run({values + std::min(count, 1), values + count});
}
