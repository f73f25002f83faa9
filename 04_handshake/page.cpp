#include "04_handshake/page.hpp"

#include <algorithm>
#include <cctype>

#include "04_handshake/page_files.hpp"
#include "common/http/page.hpp"

namespace websocket {
namespace {

constexpr std::size_t kMaxPages = 64;
constexpr std::size_t kMaxFrames = 32;
constexpr std::size_t kMaxName = 36;

}  // namespace

void FrameLog::add(std::string_view page, std::string frame) {
    auto found = std::ranges::find(pages_, page, &Page::name);
    if (found == pages_.end()) {
        if (pages_.size() == kMaxPages) pages_.pop_front();
        found = pages_.insert(pages_.end(), Page{std::string(page), 0, {}});
    }
    found->frames.push_back(std::move(frame));
    if (found->frames.size() > kMaxFrames) {
        found->frames.pop_front();
        ++found->first;
    }
}

std::string FrameLog::json(std::string_view page) const {
    const auto found = std::ranges::find(pages_, page, &Page::name);
    if (found == pages_.end()) return R"({"first":0,"frames":[]})";
    std::string frames;
    for (const std::string& frame : found->frames) frames += (frames.empty() ? "" : ",") + frame;
    return R"({"first":)" + std::to_string(found->first) + R"(,"frames":[)" + frames + "]}";
}

std::string FrameLog::page_of(const http::Target& target) {
    std::string name = target.argument("page").value_or("");
    const auto is_plain = [](unsigned char byte) { return std::isalnum(byte) != 0; };
    return name.size() <= kMaxName && std::ranges::all_of(name, is_plain) ? name : "";
}

std::optional<http::Response> answer_plain_request(const http::Target& target,
                                                   const FrameLog& frames) {
    const std::string page = target.path == "/frames" ? FrameLog::page_of(target) : "";
    if (page.empty()) return http::page_response({page_html, page_js, page_css}, target.path);
    return http::Response{200, http::security_fields(), "application/json", frames.json(page)};
}

}  // namespace websocket
