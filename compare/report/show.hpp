// From what was measured to what people read: compare/report/report.py.
#pragma once

#include <string>
#include <vector>

namespace compare {

/// Shows `json` as the report that `words` name: this process becomes Python, with `json` as its
/// standard input, and ends with its status. All servers have ended before. Throws
/// std::system_error if there is no Python; `json` is then printed as it is.
[[noreturn]] void show(const std::string& json, std::vector<std::string> words);

}  // namespace compare
