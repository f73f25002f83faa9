#include "common/http/response.hpp"

#include <array>
#include <utility>

namespace http {
namespace {

struct Phrase {
    int status;
    const char* words;
};

// RFC 9110, section 15; 431: RFC 6585.
constexpr Phrase kPhrases[]{{100, "Continue"},
                            {101, "Switching Protocols"},
                            {200, "OK"},
                            {201, "Created"},
                            {202, "Accepted"},
                            {204, "No Content"},
                            {400, "Bad Request"},
                            {401, "Unauthorized"},
                            {403, "Forbidden"},
                            {404, "Not Found"},
                            {405, "Method Not Allowed"},
                            {408, "Request Timeout"},
                            {413, "Content Too Large"},
                            {414, "URI Too Long"},
                            {415, "Unsupported Media Type"},
                            {417, "Expectation Failed"},
                            {426, "Upgrade Required"},
                            {431, "Request Header Fields Too Large"},
                            {501, "Not Implemented"},
                            {503, "Service Unavailable"},
                            {505, "HTTP Version Not Supported"}};

// "Sun, 06 Nov 1994 08:49:37 GMT": RFC 9110, section 5.6.7. It is made once a second: a server may
// send thousands of responses in one.
std::string_view date_of(std::time_t time) {
    thread_local std::time_t last = -1;
    thread_local std::array<char, 30> text{};
    if (time != last) {
        std::tm parts{};
        // No program here sets a locale: the names of days and months are the English ones.
        std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT",
                      gmtime_r(&time, &parts));
        last = time;
    }
    return text.data();
}

}  // namespace

std::string status_line(int status) {
    std::string line = "HTTP/1.1 " + std::to_string(status) + " ";
    for (const Phrase& phrase : kPhrases)
        if (phrase.status == status) line += phrase.words;
    return line += "\r\n";
}

std::string head_to_bytes(const Response& response, std::optional<std::size_t> length,
                          Persistence persistence, std::time_t now) {
    std::string bytes = status_line(response.status);
    const auto add = [&](std::string_view name, std::string_view value) {
        bytes.append(name).append(": ").append(value).append("\r\n");
    };
    add("Date", date_of(now));
    for (const Field& field : response.fields) add(field.name, field.value);
    if (!response.content_type.empty()) add("Content-Type", response.content_type);
    // A 204 has no body by definition: RFC 9110, section 8.6.
    if (length && response.status != 204) add("Content-Length", std::to_string(*length));
    if (persistence == Persistence::close) add("Connection", "close");
    return bytes += "\r\n";
}

std::string to_bytes(const Response& response, Persistence persistence, bool with_body,
                     std::time_t now) {
    return head_to_bytes(response, response.body.size(), persistence, now) +
           (with_body ? response.body : "");
}

SharedResponse::SharedResponse(const Response& response, std::shared_ptr<const std::string> content)
    : body(std::move(content)),
      bytes(std::make_shared<const std::string>(
          head_to_bytes(response, body->size(), Persistence::keep_alive) + *body)),
      last_bytes(std::make_shared<const std::string>(
          head_to_bytes(response, body->size(), Persistence::close) + *body)) {
}

Response refusal_response(const Refusal& refusal) {
    return {refusal.status, refusal.fields, "text/plain; charset=utf-8", refusal.text + "\n"};
}

}  // namespace http
