#include "04_handshake/page.hpp"

#include "04_handshake/page_files.hpp"
#include "common/http/page.hpp"

namespace websocket {

std::optional<http::Response> answer_plain_request(const http::Target& target,
                                                   const FrameLog& frames) {
    const std::string page = target.path == "/frames" ? FrameLog::page_of(target) : "";
    if (page.empty()) return http::page_response({page_html, page_js, page_css}, target.path);
    return http::Response{200, http::security_fields(), "application/json", frames.json(page)};
}

}  // namespace websocket
