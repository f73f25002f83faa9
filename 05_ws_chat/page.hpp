// What the server answers to a plain GET: its page, and what the page needs.
#pragma once

#include <string>

#include "04_handshake/frame_log.hpp"
#include "04_handshake/http_head.hpp"

namespace websocket {

/// The answer to a GET or HEAD `request` for the page, its script, its style, or the frames that
/// `frames` knows of it; empty for every other target. One thread.
std::string answer_plain_request(const http::Head& request, const FrameLog& frames);

}  // namespace websocket
