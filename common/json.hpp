// JSON, as the lab writes it: strings, whose every byte may come from a stranger. 07_longpoll
// writes it first.
#pragma once

#include <string>
#include <string_view>

namespace lab {

/// Appends `text`, which is UTF-8, to `json` as a string of JSON, with its quotation marks. What
/// has to be escaped is; so are DEL and the two line ends of Unicode, which ended a line of
/// JavaScript once. Source: RFC 8259, section 7.
void append_json_string(std::string& json, std::string_view text);

}  // namespace lab
