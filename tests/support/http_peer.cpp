#include "tests/support/http_peer.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>

#include "common/visible.hpp"

namespace lab::test {
namespace {

std::string trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

bool consists_of(std::string_view text, std::string_view letters) {
    return !text.empty() && text.find_first_not_of(letters) == std::string_view::npos;
}

// A line without its end, which must be CRLF.
std::string receive_crlf_line(Connection& connection, const std::string& hint, Place place) {
    std::string line = connection.receive_line(hint, place);
    if (!line.ends_with("\r\n"))
        fail("a line that ends with CRLF", lab::visible(line), "RFC 9112, 2.2", place);
    line.resize(line.size() - 2);
    return line;
}

std::string receive_bytes(Connection& connection, std::size_t count, const std::string& hint,
                          Place place) {
    std::string bytes = connection.receive(count, hint, place);
    if (bytes.size() < count) {
        fail("a body of " + std::to_string(count) + " bytes",
             std::to_string(bytes.size()) + " bytes, and then the end", hint, place);
    }
    return bytes;
}

std::string receive_chunks(Connection& connection, const std::string& hint, Place place) {
    std::string content;
    for (;;) {
        const std::string line = receive_crlf_line(connection, hint, place);
        const std::string size = line.substr(0, line.find(';'));
        if (!consists_of(size, "0123456789abcdefABCDEF") || size.size() > 8)
            fail("the size of a chunk", lab::visible(line), "RFC 9112, 7.1", place);
        const std::size_t count = std::strtoul(size.c_str(), nullptr, 16);
        if (count == 0) break;
        content += receive_bytes(connection, count, hint, place);
        connection.expect("\r\n", "a chunk ends with CRLF: RFC 9112, 7.1", place);
    }
    while (!receive_crlf_line(connection, "the trailer ends with an empty line", place).empty()) {
    }
    return content;
}

// The body of what `head` begins. One of a response that tells no length ends with the connection:
// RFC 9112, section 6.3.
std::string receive_body(Connection& connection, const HttpHead& head, bool is_request,
                         const std::string& hint, Place place) {
    const std::string length = head.value("Content-Length");
    const std::string coding = lower(head.value("Transfer-Encoding"));
    if (coding == "chunked" && length.empty()) return receive_chunks(connection, hint, place);
    if (coding.empty() && length.empty())
        return is_request ? "" : connection.receive_to_end(hint, place);
    if (!coding.empty() || !consists_of(length, "0123456789") || length.size() > 9) {
        fail("either Content-Length or Transfer-Encoding: chunked",
             lab::visible(head.first_line + head.fields, 400),
             "one of the two tells the end of a body: RFC 9112, 6.3", place);
    }
    return receive_bytes(connection, std::strtoul(length.c_str(), nullptr, 10), hint, place);
}

}  // namespace

std::string lower(std::string_view text) {
    std::string result;
    for (const char byte : text)
        result += static_cast<char>(std::tolower(static_cast<unsigned char>(byte)));
    return result;
}

bool has_token(std::string_view list, std::string_view token) {
    for (std::size_t comma = 0; comma != std::string_view::npos; list.remove_prefix(comma + 1)) {
        comma = list.find(',');
        if (lower(trimmed(list.substr(0, comma))) == lower(token)) return true;
        if (comma == std::string_view::npos) break;
    }
    return false;
}

int HttpHead::status() const {
    return first_line.starts_with("HTTP/1.1 ") ? std::atoi(first_line.c_str() + 9) : 0;
}

std::string HttpHead::value(std::string_view name) const {
    const std::string wanted = std::string("\n").append(lower(name)).append(":");
    const std::string text = "\n" + fields;
    const std::size_t begin = lower(text).find(wanted);
    if (begin == std::string::npos) return {};
    const std::size_t value = begin + wanted.size();
    return trimmed(std::string_view(text).substr(value, text.find('\n', value) - value));
}

std::string http_request(std::string_view method, std::string_view target, std::string_view fields,
                         std::string_view body) {
    std::string bytes(method);
    bytes.append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n").append(fields);
    if (!body.empty())
        bytes.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
    return bytes.append("\r\n").append(body);
}

std::string http_response(std::string_view status, std::string_view body, std::string_view fields) {
    std::string bytes("HTTP/1.1 ");
    bytes.append(status).append("\r\n").append(fields);
    if (!status.starts_with("204")) {
        bytes.append("Content-Type: text/plain\r\nContent-Length: ");
        bytes.append(std::to_string(body.size())).append("\r\n");
    }
    return bytes.append("\r\n").append(body);
}

std::string chunk(std::string_view content) {
    std::array<char, 20> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", content.size());
    return std::string(size.data()).append(content).append("\r\n");
}

HttpHead receive_head(Connection& connection, const std::string& hint, Place place) {
    HttpHead head;
    head.first_line = connection.receive_line(hint, place);
    for (;;) {
        const std::string line =
            receive_crlf_line(connection, "a head ends with an empty line", place);
        if (line.empty()) return head;
        head.fields.append(line).append("\r\n");
    }
}

HttpResponse receive_response(Connection& connection, const std::string& hint, bool to_head,
                              Place place) {
    HttpResponse response{receive_head(connection, hint, place), {}};
    const int status = response.head.status();
    if (status == 0 || !response.head.first_line.ends_with("\r\n"))
        fail("a response of HTTP/1.1", lab::visible(response.head.first_line), hint, place);
    if (status < 200) fail("a final status", lab::visible(response.head.first_line), hint, place);
    if (to_head || status == 204 || status == 304) return response;
    response.body = receive_body(connection, response.head, false, hint, place);
    return response;
}

HttpResponse receive_request(Connection& connection, const std::string& hint, Place place) {
    HttpResponse request{receive_head(connection, hint, place), {}};
    request.body = receive_body(connection, request.head, true, hint, place);
    return request;
}

void expect_status(const HttpResponse& response, int status, const std::string& hint, Place place) {
    if (response.head.status() != status) {
        fail(std::to_string(status), lab::visible(response.head.first_line + response.body, 200),
             hint, place);
    }
}

HttpResponse ask(const Server& server, std::string_view request, const std::string& hint,
                 Place place) {
    Connection client(server, 0, place);
    client.send(request, place);
    return receive_response(client, hint, request.starts_with("HEAD "), place);
}

HttpResponse expect_status(const Server& server, std::string_view request, int status,
                           const std::string& hint, Place place) {
    HttpResponse response = ask(server, request, hint, place);
    expect_status(response, status, hint, place);
    return response;
}

HttpResponse ask_last(const Server& server, std::string_view request, const std::string& hint,
                      Place place) {
    Connection client(server, 0, place);
    client.send(request, place);
    HttpResponse response = receive_response(client, hint, request.starts_with("HEAD "), place);
    client.expect_end("then end the connection in order", place);
    return response;
}

HttpResponse expect_refused(const Server& server, std::string_view request, int status,
                            const std::string& hint, Place place) {
    HttpResponse response = ask_last(server, request, hint, place);
    expect_status(response, status, hint, place);
    return response;
}

}  // namespace lab::test
