#include "common/http_response.hpp"

#include <array>

namespace http {
namespace {

struct Phrase {
    int status;
    const char* words;
};

// RFC 9110, section 15; 431: RFC 6585.
constexpr std::array kPhrases{Phrase{101, "Switching Protocols"},
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

}  // namespace

std::string status_line(int status) {
    std::string line = "HTTP/1.1 " + std::to_string(status) + " ";
    for (const Phrase& phrase : kPhrases)
        if (phrase.status == status) line += phrase.words;
    return line += "\r\n";
}

std::string to_bytes(const Response& response, Connection connection, bool with_body) {
    std::string bytes = status_line(response.status);
    for (const Field& field : response.fields) bytes += field.name + ": " + field.value + "\r\n";
    if (!response.content_type.empty()) bytes += "Content-Type: " + response.content_type + "\r\n";
    // A 204 has no body by definition: RFC 9110, section 8.6.
    if (response.status != 204)
        bytes += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
    if (connection == Connection::close) bytes += "Connection: close\r\n";
    bytes += "\r\n";
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
