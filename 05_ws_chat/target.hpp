// The address of the chat, with what it is to know of us in its query.
#pragma once

#include <string>

#include "common/url.hpp"

namespace ws_chat {

/// The path and query of `url`, and behind them ?name= and &token=, percent-encoded; empty ones are
/// left out. Source: RFC 3986, section 3.4.
std::string target_of(const lab::Url& url, const std::string& name, const std::string& token);

}  // namespace ws_chat
