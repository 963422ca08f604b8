# extract.awk: writes each ```cpp block of a Markdown page as a program; README.md beside this file has the conventions.
#   awk -v page=docs/x.md -v out=PREFIX -f extract.awk docs/x.md
# makes PREFIX-LINE.cpp for the block that starts at LINE, and PREFIX-LINE.mode beside it: run or no-run.
# #line makes the compiler speak of the page's lines.

function complain(what) {
  printf "%s:%d: %s\n", page, NR, what > "/dev/stderr"
  bad = 1
}

# The program that the current block makes, into its own file.
function write_program(    file, complete, head) {
  file = sprintf("%s-%04d", out, start)
  complete = program ~ /int main\(/
  if (complete) {
    printf "%s", program > (file ".cpp")
  } else {
    head = "#include <surefoot/surefoot.hpp>\n#include <Eigen/Dense>\n#include <iostream>\n" includes prelude
    if (file_scope)
      printf "%s%sint main() {}\n", head, body > (file ".cpp")
    else
      printf "%sint main() {\n%s}\n", head, body > (file ".cpp")
  }
  close(file ".cpp")
  print(no_run ? "no-run" : "run") > (file ".mode")
  close(file ".mode")
}

inside == "" && /^<!-- snippet-prelude/ { inside = "prelude"; prelude = sprintf("#line %d \"%s\"\n", NR + 1, page); next }
inside == "prelude" && /-->/ { inside = ""; next }
inside == "prelude" { prelude = prelude $0 "\n"; next }

inside == "" && /^[ ]*```/ {
  fence = $0
  sub(/^[ ]*```/, "", fence)
  count = split(fence, words, " ")
  if (count == 0 || words[1] != "cpp") {
    if (words[1] ~ /^(c\+\+|C\+\+|cxx|CPP|Cpp)$/) complain("write ```cpp, so that the block is compiled")
    inside = "other"
    next
  }
  continued = no_run = file_scope = 0
  for (i = 2; i <= count; i++) {
    if (words[i] == "no-run") no_run = 1
    else if (words[i] == "file-scope") file_scope = 1
    else if (words[i] == "continued") continued = 1
    else complain("'" words[i] "' after ```cpp is none of: no-run file-scope continued")
  }
  if (!continued) program = body = includes = ""
  start = NR
  here = sprintf("#line %d \"%s\"\n", NR + 1, page)
  program = program here
  body = body here
  inside = "cpp"
  next
}
inside == "cpp" && /^[ ]*```[ ]*$/ { inside = ""; write_program(); next }
inside == "other" && /^[ ]*```[ ]*$/ { inside = ""; next }

# `program` is the block as it stands; `body` is what goes between the braces of a main, where no #include may stand.
inside == "cpp" {
  program = program $0 "\n"
  if (/^[ ]*#include/) {
    includes = includes $0 "\n"
    body = body "\n"
  } else {
    body = body $0 "\n"
  }
}

END {
  if (inside != "") complain("the last block or comment is not closed")
  exit bad
}
