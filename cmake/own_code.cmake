# own_code(target): strict C++20, the warnings, and the sanitizers where they are on, for a target that is ours. Only
# there: what comes from a dependency's header, or is built in somebody else's project, is not ours to judge.
function(own_code target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
    # At -O2 these take std::string's own memcpy for one that overlaps itself (GCC bug 105651).
    target_compile_options(${target} PRIVATE -Wno-restrict)
  endif()
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  if(SUREFOOT_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(SUREFOOT_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=address,undefined -fno-sanitize-recover=all)
    # Public: whatever links an instrumented static library needs the runtime too.
    target_link_options(${target} PUBLIC -fsanitize=address,undefined)
  endif()
endfunction()
