#include "04_handshake/page.hpp"

#include <string>

#include "04_handshake/page_files.hpp"

namespace websocket {

std::optional<http::Response> answer_plain_request(const http::Head& request,
                                                   const FrameLog& frames) {
    const std::string& target = request.target;
    if (const auto page = FrameLog::page_of(target, "/frames"); !page.empty())
        return http::Response{200, http::security_fields(), "application/json", frames.json(page)};
    return http::page_response({page_html, page_js, page_css},
                               target.starts_with("/?") ? "/" : target);
}

}  // namespace websocket
