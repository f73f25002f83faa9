// What people may be called in a chat. 05_ws_chat is the first that looks.
#pragma once

#include <string_view>

namespace lab {

/// Whether `name` may stand before a message: UTF-8, 1 to 32 characters, no control characters. Any
/// thread may call it.
bool is_name(std::string_view name);
/// What is_name() asks for, in words.
constexpr const char* kNameRule =
    "a name has 1 to 32 characters of UTF-8 and no control characters";

}  // namespace lab
