// What the server answers to a plain GET: its page, and the bytes of the frames of the page's own
// connection, which no script in a browser gets to see.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "common/http/response.hpp"
#include "common/http/target.hpp"

namespace websocket {

/// Keeps the last frames of each connection of a page. A page makes up a name for itself, connects
/// to "/?page=NAME", and asks for "/frames?page=NAME" later. Bounded: 64 pages of 32 frames, the
/// oldest are forgotten.
class FrameLog {
 public:
    /// Remembers a frame, as JSON, of the connection of `page`.
    void add(std::string_view page, std::string frame);

    /// A JSON object: the number of the first of its frames that is still known, from 0, and those.
    [[nodiscard]] std::string json(std::string_view page) const;

    /// NAME if the query of `target` is "page=NAME", where NAME has 1 to 36 letters and digits; or
    /// else empty.
    static std::string page_of(const http::Target& target);

 private:
    struct Page {
        std::string name;
        std::size_t first = 0;
        std::deque<std::string> frames;
    };
    std::deque<Page> pages_;
};

/// The response to a GET or HEAD request for the page, its script, its style, or the frames that
/// `frames` knows of it; none for every other `target`.
std::optional<http::Response> answer_plain_request(const http::Target& target,
                                                   const FrameLog& frames);

}  // namespace websocket
