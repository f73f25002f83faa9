#include "common/http/response.hpp"

#include <array>

#include "common/http/page_files.hpp"

namespace http {
namespace {

struct Phrase {
    int status;
    const char* words;
};

// RFC 9110, section 15; 431: RFC 6585.
constexpr std::array kPhrases{Phrase{100, "Continue"},
                              Phrase{101, "Switching Protocols"},
                              Phrase{200, "OK"},
                              Phrase{201, "Created"},
                              Phrase{202, "Accepted"},
                              Phrase{204, "No Content"},
                              Phrase{400, "Bad Request"},
                              Phrase{401, "Unauthorized"},
                              Phrase{403, "Forbidden"},
                              Phrase{404, "Not Found"},
                              Phrase{405, "Method Not Allowed"},
                              Phrase{408, "Request Timeout"},
                              Phrase{413, "Content Too Large"},
                              Phrase{414, "URI Too Long"},
                              Phrase{415, "Unsupported Media Type"},
                              Phrase{417, "Expectation Failed"},
                              Phrase{426, "Upgrade Required"},
                              Phrase{431, "Request Header Fields Too Large"},
                              Phrase{501, "Not Implemented"},
                              Phrase{503, "Service Unavailable"},
                              Phrase{505, "HTTP Version Not Supported"}};

// "Sun, 06 Nov 1994 08:49:37 GMT": RFC 9110, section 5.6.7. It is made once a second, for a server
// may send thousands of responses in one.
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
    std::string bytes = head_to_bytes(response, response.body.size(), persistence, now);
    if (with_body) bytes += response.body;
    return bytes;
}

Response refusal_response(const Refusal& refusal) {
    return {refusal.status, refusal.fields, "text/plain; charset=utf-8", refusal.text + "\n"};
}

std::optional<Response> page_response(const Page& page, std::string_view path) {
    const auto file = [](const char* type, std::string_view body) {
        return Response{200, security_fields(), type, std::string(body)};
    };
    if (path == "/") return file("text/html; charset=utf-8", page.html);
    if (path == "/page.js") return file("text/javascript; charset=utf-8", page.script);
    if (path == "/page.css") return file("text/css; charset=utf-8", page.style);
    if (path == "/common.js") return file("text/javascript; charset=utf-8", page_js);
    if (path == "/common.css") return file("text/css; charset=utf-8", page_css);
    return std::nullopt;
}

const std::vector<Field>& security_fields() {
    static const std::vector<Field> fields{
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
         "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Cache-Control", "no-store"}};
    return fields;
}

}  // namespace http
