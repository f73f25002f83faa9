// What the server answers to a plain GET: its page, and what the page needs.
#pragma once

#include <optional>

#include "04_handshake/frame_log.hpp"
#include "common/http/response.hpp"
#include "common/http/target.hpp"

namespace websocket {

/// The response to a GET or HEAD request for the page, its script, its style, or the frames that
/// `frames` knows of it; none for every other `target`.
std::optional<http::Response> answer_plain_request(const http::Target& target,
                                                   const FrameLog& frames);

}  // namespace websocket
