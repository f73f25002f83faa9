#include "wire/dissect/http_fields.hpp"

#include <algorithm>
#include <array>

#include "04_handshake/frame_fields.hpp"
#include "04_handshake/handshake.hpp"
#include "common/number.hpp"
#include "wire/dissect/text.hpp"

namespace wire {
namespace {

struct Meaning {
    std::string_view name;  // in small letters
    const char* meaning;
    const char* source;
};

constexpr std::array kMeanings = std::to_array<Meaning>({
    {"accept", "types of content that the client takes", "RFC 9110, 12.5.1"},
    {"accept-encoding", "compressions that the client takes", "RFC 9110, 12.5.3"},
    {"accept-language", "languages that the user reads", "RFC 9110, 12.5.4"},
    {"access-control-allow-origin", "pages of this origin may read the answer", "Fetch, 3.3.3"},
    {"allow", "the methods that this resource knows", "RFC 9110, 10.2.1"},
    {"cache-control", "what caches on the way may keep", "RFC 9111, 5.2"},
    {"connection", "fields for the next machine alone, and whether the connection stays",
     "RFC 9110, 7.6.1"},
    {"content-encoding", "the content is compressed", "RFC 9110, 8.4"},
    {"content-length", "bytes of the body: so its end is known", "RFC 9112, 6.2"},
    {"content-type", "what the body is", "RFC 9110, 8.3"},
    {"cookie", "what a server has asked the browser to say each time", "RFC 6265, 5.4"},
    {"date", "the server's clock when it answered", "RFC 9110, 6.6.1"},
    {"expect", "the client waits for 100 before it sends the body", "RFC 9110, 10.1.1"},
    {"host", "which of the server's sites is meant", "RFC 9110, 7.2"},
    {"keep-alive", "how long the connection may idle: an old extension", "RFC 9112, C.2.2"},
    {"last-event-id", "the last event that the client has seen: go on behind it",
     "WHATWG HTML, 9.2.4"},
    {"location", "where to look instead", "RFC 9110, 10.2.2"},
    {"origin", "the site whose page makes the request; a browser says it, scripts cannot",
     "RFC 6454, 7"},
    {"pragma", "an older Cache-Control", "RFC 9111, 5.4"},
    {"referer", "the page that led here", "RFC 9110, 10.1.3"},
    {"retry-after", "seconds to wait before the next try", "RFC 9110, 10.2.3"},
    {"sec-websocket-accept", "worked out from the key: the server speaks WebSocket",
     "RFC 6455, 4.2.2"},
    {"sec-websocket-extensions", "changes to the frames, such as compression", "RFC 6455, 9.1"},
    {"sec-websocket-key", "16 random bytes in Base64, new each time", "RFC 6455, 4.1"},
    {"sec-websocket-protocol", "what the frames carry: a subprotocol", "RFC 6455, 1.9"},
    {"sec-websocket-version", "13 is the only version there is", "RFC 6455, 4.4"},
    {"server", "the server's program", "RFC 9110, 10.2.4"},
    {"transfer-encoding", "the body comes in chunks, each with its length", "RFC 9112, 6.1"},
    {"upgrade", "the protocol to change to", "RFC 9110, 7.8"},
    {"user-agent", "the client's program", "RFC 9110, 10.1.5"},
    {"vary", "fields of the request on which the answer depends", "RFC 9110, 12.5.5"},
    {"x-accel-buffering", "no: nginx passes each byte on at once", "nginx, proxy_buffering"},
    {"x-content-type-options", "nosniff: a browser must not guess the type", "Fetch, 3.6"},
});

std::string meaning_of_status(std::string_view code) {
    switch (code.empty() ? '?' : code[0]) {
        case '1':
            return code == "101" ? "yes: another protocol from the next byte on" : "not yet";
        case '2':
            return "done";
        case '3':
            return "look elsewhere, or in your cache";
        case '4':
            return "the request is at fault";
        case '5':
            return "the server is at fault";
        default:
            return "";
    }
}

// The parts of a start line, which stand between its spaces; the last one may hold spaces.
void add_start_line(std::vector<Field>& fields, std::string_view bytes, std::size_t begin,
                    std::size_t end, bool request) {
    static constexpr std::array<const char*, 3> kRequest{"method", "target", "version"};
    static constexpr std::array<const char*, 3> kResponse{"version", "status", "reason"};
    const auto& names = request ? kRequest : kResponse;
    for (std::size_t i = 0; i < names.size() && begin < end; ++i) {
        const std::size_t space = i == 2 ? end : std::min(bytes.find(' ', begin), end);
        const std::string_view value = bytes.substr(begin, space - begin);
        std::string meaning;
        if (names[i] == std::string_view("method")) meaning = "what the client wants done";
        if (names[i] == std::string_view("target")) meaning = "with which resource";
        if (names[i] == std::string_view("status")) meaning = meaning_of_status(value);
        if (names[i] == std::string_view("reason")) meaning = "the status for people";
        fields.push_back({begin, space - begin, names[i], std::string(value), meaning,
                          request ? "RFC 9112, 3" : "RFC 9112, 4"});
        begin = space + 1;
    }
}

Field header_field(std::string_view bytes, std::size_t begin, std::size_t end) {
    const std::string_view line = bytes.substr(begin, end - begin);
    std::vector<http::Field> fields;
    if (http::parse_field(line, fields))
        return {begin, end - begin, "header field", std::string(line), "", "RFC 9112, 5"};
    const http::Field& field = fields[0];
    const auto* const known =
        std::ranges::find(kMeanings, http::lower_case(field.name), &Meaning::name);
    const bool found = known != kMeanings.end();
    return {begin,
            end - begin,
            field.name,
            field.value,
            found ? known->meaning : "",
            found ? known->source : "RFC 9110, 5"};
}

}  // namespace

std::vector<Field> fields_of_head(std::string_view bytes, bool request) {
    std::vector<Field> fields;
    bool start = true;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t feed = bytes.find('\n', at);
        const std::size_t next = feed == std::string_view::npos ? bytes.size() : feed + 1;
        std::size_t end = feed == std::string_view::npos ? bytes.size() : feed;
        if (end > at && bytes[end - 1] == '\r') --end;
        if (end == at && !start) {
            fields.push_back({at, next - at, "empty line", std::string(bytes.substr(at, next - at)),
                              "the end of the head", "RFC 9112, 2.1"});
            break;
        }
        if (end > at && start) {
            add_start_line(fields, bytes, at, end, request);
            start = false;
        } else if (end > at) {
            fields.push_back(header_field(bytes, at, end));
        }
        at = next;
    }
    return fields;
}

Table accept_table(const http::Head& response, std::string_view key) {
    Table table{"The accept value worked out (RFC 6455, 4.2.2)", {"step", "value"}, {}};
    const auto came = response.values("Sec-WebSocket-Accept");
    if (came.empty() || key.empty()) return table;
    const std::string joined = std::string(key) + std::string(websocket::kGuid);
    const std::string accept = websocket::accept_value(key);
    table.rows = {{"Sec-WebSocket-Key of the request", std::string(key)},
                  {"with the fixed text behind it", joined},
                  {"SHA-1 of that, 20 bytes", websocket::hexadecimal(websocket::sha1(joined))},
                  {"in Base64", accept},
                  {"Sec-WebSocket-Accept of the answer", std::string(came[0])},
                  {"so", came[0] == accept ? "they are the same: the server has understood"
                                           : "they differ: a client must not go on"}};
    return table;
}

void add_to_spans(std::vector<Span>& spans, std::size_t at, bool content) {
    if (!spans.empty() && spans.back().content == content &&
        spans.back().begin + spans.back().size == at) {
        ++spans.back().size;
    } else {
        spans.push_back({at, 1, content});
    }
}

std::vector<Field> fields_of_chunks(std::string_view bytes, const std::vector<Span>& spans) {
    std::vector<Field> fields;
    for (const Span& span : spans) {
        if (span.content) continue;
        const std::size_t end = std::min(span.begin + span.size, bytes.size());
        for (std::size_t at = span.begin; at < end;) {
            const std::size_t feed = std::min(bytes.find('\n', at), end - 1);
            const std::string_view line = bytes.substr(at, feed + 1 - at);
            const std::string_view digits = line.substr(0, line.find_first_of("; \t\r\n"));
            const auto size = lab::number_in<std::uint64_t>(digits, 16);
            if (size) {
                fields.push_back(
                    {at, line.size(), "chunk size", std::string(digits),
                     *size == 0 ? "0: the body ends" : "hexadecimal: " + count_of(*size, "byte"),
                     "RFC 9112, 7.1"});
            } else {
                const bool last = !fields.empty() && fields.back().meaning.starts_with("0:");
                const char* const meaning = !digits.empty() ? "a field behind the body"
                                            : last          ? "the last line of the body"
                                                            : "a line end that is no content";
                fields.push_back({at, line.size(), digits.empty() ? "chunk end" : "trailer",
                                  std::string(line), meaning, "RFC 9112, 7.1"});
            }
            at = feed + 1;
        }
    }
    return fields;
}

}  // namespace wire
