#include "wire/dissect/http.hpp"

#include <algorithm>
#include <limits>

#include "04_handshake/handshake.hpp"
#include "common/http/body.hpp"
#include "wire/dissect/lines.hpp"
#include "wire/dissect/text.hpp"

namespace wire {
namespace {

using http::BodyParser;
using http::HeadParser;

constexpr std::size_t kMaxTitle = 160;

bool is_event_stream(const http::Head& head) {
    const auto type = http::parse_media_type(head);
    return head.status == 200 && type && type->name == "text/event-stream";
}

std::string title_of(const http::Head& head, bool request) {
    if (!request) {
        return std::to_string(head.status) + " " + beginning(head.reason, kMaxTitle) +
               (is_event_stream(head) ? ", a stream of events" : "");
    }
    const auto last = head.values("Last-Event-ID");
    return head.method + " " + beginning(head.target, kMaxTitle) + " HTTP/1." +
           std::to_string(head.minor_version) +
           (last.empty() ? "" : ", Last-Event-ID: " + beginning(last[0], kMaxTitle));
}

HeadParser new_parser(Side sender) {
    return HeadParser(sender == Side::client ? HeadParser::Kind::request
                                             : HeadParser::Kind::response);
}

}  // namespace

void HttpDissector::take(Side sender, std::string_view bytes, Time time) {
    direction(sender).gathered.begin_segment(time);
    proceed(sender, bytes);
    Direction& from = direction(sender);
    if (from.part == Part::events && from.events) from.events->end_segment(from.gathered, sink());
}

void HttpDissector::proceed(Side sender, std::string_view bytes) {
    Direction& from = direction(sender);
    while (!bytes.empty()) {
        switch (from.part) {
            case Part::head:
                take_head(sender, bytes);
                break;
            case Part::body:
                take_body(sender, bytes);
                break;
            case Part::events:
                take_events(bytes);
                break;
            case Part::waiting:
                from.early += bytes.substr(0, kMaxEarly - std::min(kMaxEarly, from.early.size()));
                return;
            case Part::frames:
                return from.frames->take(bytes, from.gathered, sink());
            case Part::unreadable:
                from.gathered.add(bytes);
                return found(raw_message(sender, from.gathered));
        }
    }
}

void HttpDissector::take_head(Side sender, std::string_view& bytes) {
    Direction& from = direction(sender);
    if (!from.parser) from.parser = new_parser(sender);
    const std::string_view before = bytes;
    const auto result = from.parser->parse(bytes);
    from.gathered.add(before.substr(0, before.size() - bytes.size()));
    if (result == HeadParser::Result::need_more) return;
    if (result == HeadParser::Result::bad) {
        const std::string why = from.parser->error().text;
        from.gathered.add(std::exchange(bytes, {}));
        return complain(sender, why);
    }
    from.head_size = static_cast<std::size_t>(from.gathered.size());
    from.spans.clear();
    from.content.clear();
    from.chunked = false;
    if (sender == Side::client) {
        begin_request(from.parser->head());
    } else {
        begin_response(from.parser->head());
    }
}

void HttpDissector::begin_request(const http::Head& head) {
    const auto keys = head.values("Sec-WebSocket-Key");
    const bool upgrade = websocket::wants_websocket(head);
    if (asked_.size() < kMaxAsked) {
        asked_.push_back({head.method, upgrade && !keys.empty() ? std::string(keys[0]) : "",
                          direction(Side::client).gathered.time()});
    }
    begin_body(Side::client, head);
}

void HttpDissector::begin_response(const http::Head& head) {
    const bool interim = head.status < 200 && head.status != 101;
    if (!asked_.empty()) {
        answered_ = asked_.front();
        if (!interim) asked_.pop_front();
    } else {
        answered_ = {};
    }
    if (interim || head.status == 101) {
        end_message(Side::server);
        return;
    }
    begin_body(Side::server, head);
}

void HttpDissector::begin_body(Side sender, const http::Head& head) {
    Direction& from = direction(sender);
    const auto framing =
        http::framing_of(head, sender == Side::server && answered_.method == "HEAD");
    if (const auto* const refusal = std::get_if<http::Refusal>(&framing))
        return complain(sender, refusal->text);
    const auto& known = std::get<http::Framing>(framing);
    from.body.emplace(known, std::numeric_limits<std::size_t>::max());
    from.chunked = known.kind == http::Framing::Kind::chunked;
    from.part = Part::body;
    if (known.kind == http::Framing::Kind::length && known.length == 0) return end_message(sender);
    if (sender == Side::server && is_event_stream(head)) {
        found(whole_message(sender));
        from.events.emplace();
        from.part = Part::events;
    }
}

// Chunks come byte by byte: so the content among them shows itself.
void HttpDissector::take_body(Side sender, std::string_view& bytes) {
    Direction& from = direction(sender);
    const bool one_by_one = from.chunked && from.gathered.kept().size() < Message::kMaxKept;
    std::string_view piece = one_by_one ? bytes.substr(0, 1) : bytes;
    const std::size_t offered = piece.size();
    std::string content;
    const auto result = from.body->parse(piece, content);
    const std::string_view taken = bytes.substr(0, offered - piece.size());
    if (one_by_one) add_to_spans(from.spans, from.gathered.kept().size(), !content.empty());
    from.gathered.add(taken);
    bytes.remove_prefix(taken.size());
    from.content +=
        content.substr(0, Message::kMaxKept - std::min(Message::kMaxKept, from.content.size()));
    if (result == BodyParser::Result::end) end_message(sender);
    if (result == BodyParser::Result::bad) {
        const std::string why = from.body->error().text;
        from.gathered.add(std::exchange(bytes, {}));
        complain(sender, why);
    }
}

void HttpDissector::take_events(std::string_view& bytes) {
    Direction& from = direction(Side::server);
    std::string_view byte = bytes.substr(0, 1);
    std::string content;
    const auto result = from.body->parse(byte, content);
    const bool unreadable =
        from.events->take(bytes.substr(0, 1), !content.empty(), from.gathered, sink());
    bytes.remove_prefix(1);
    if (result == BodyParser::Result::end) {
        from.events->end_segment(from.gathered, sink());
        if (from.gathered.size() > 0) {
            Message message = from.gathered.take(Side::server, "event", "the stream ends");
            message.fields = fields_of_chunks(message.bytes, {{0, message.bytes.size(), false}});
            found(std::move(message));
        }
        from.events.reset();
        from.parser.reset();
        from.part = Part::head;
    }
    if (result == BodyParser::Result::bad) complain(Side::server, from.body->error().text);
    if (unreadable) complain(Side::server, "an event is too long to be shown");
}

// The message that has come so far, explained.
Message HttpDissector::whole_message(Side sender) {
    Direction& from = direction(sender);
    const bool request = sender == Side::client;
    const http::Head& head = from.parser->head();
    Message message = from.gathered.take(sender, request ? "HTTP request" : "HTTP response",
                                         title_of(head, request));
    const std::string_view bytes = message.bytes;
    message.fields = fields_of_head(bytes.substr(0, from.head_size), request);
    message.text = beginning(from.content);
    if (!from.chunked && bytes.size() > from.head_size && !from.content.empty()) {
        message.fields.push_back({from.head_size, bytes.size() - from.head_size, "body",
                                  message.text, count_of(message.size - from.head_size, "byte"),
                                  "RFC 9112, 6"});
    }
    for (const Span& span : from.spans) {
        if (span.content) {
            message.fields.push_back({span.begin, span.size, "content of a chunk",
                                      beginning(bytes.substr(span.begin, span.size)),
                                      count_of(span.size, "byte"), "RFC 9112, 7.1"});
        }
    }
    for (Field& field : fields_of_chunks(bytes, from.spans))
        message.fields.push_back(std::move(field));
    std::ranges::stable_sort(message.fields, {}, &Field::begin);
    add_utf8_table(message.tables, message.text);
    if (request || answered_.method.empty()) return message;
    message.after = message.time - answered_.time;
    Table accept = accept_table(head, answered_.key);
    if (!accept.rows.empty()) message.tables.insert(message.tables.begin(), std::move(accept));
    return message;
}

void HttpDissector::end_message(Side sender) {
    Direction& from = direction(sender);
    found(whole_message(sender));
    const bool upgrades = sender == Side::client && websocket::wants_websocket(from.parser->head());
    const int status = from.parser->head().status;
    from.parser.reset();
    from.body.reset();
    from.part = upgrades ? Part::waiting : Part::head;
    if (sender == Side::client || (status < 200 && status != 101)) return;
    if (status == 101) return open_websocket();
    // A request for a WebSocket is refused: what follows is HTTP still.
    Direction& client = direction(Side::client);
    if (client.part != Part::waiting || answered_.key.empty()) return;
    client.part = Part::head;
    proceed(Side::client, std::exchange(client.early, {}));
}

void HttpDissector::open_websocket() {
    for (const Side side : {Side::client, Side::server}) {
        direction(side).frames.emplace(side);
        direction(side).part = Part::frames;
    }
    proceed(Side::client, std::exchange(direction(Side::client).early, {}));
}

void HttpDissector::complain(Side sender, const std::string& why) {
    Direction& from = direction(sender);
    Message message = raw_message(sender, from.gathered);
    message.title = "no HTTP that can be read on";
    message.mark = Mark::bad;
    message.note = why;
    message.fields = fields_of_head(message.bytes, sender == Side::client);
    found(std::move(message));
    from.part = Part::unreadable;
    from.events.reset();
    from.body.reset();
    from.content.clear();
}

void HttpDissector::gap(Side sender, Time) {
    Direction& from = direction(sender);
    if (from.gathered.size() > 0) found(raw_message(sender, from.gathered));
    if (from.part == Part::frames) {
        from.frames->gap();
    } else {
        from.part = Part::unreadable;
    }
}

void HttpDissector::finish(Side sender) {
    Direction& from = direction(sender);
    const bool until_end = from.part == Part::body && from.body && from.body->may_end_here();
    if (until_end) return end_message(sender);
    if (from.part == Part::waiting && !from.early.empty())
        from.gathered.add(std::exchange(from.early, {}));
    if (from.gathered.size() == 0) return;
    // The second half of a CRLF, which came after its event was told.
    if (from.part == Part::events && from.gathered.kept() == "\n") return;
    Message message = raw_message(sender, from.gathered);
    message.note = "it is not whole";
    if (from.part == Part::head || from.part == Part::body) {
        message.fields = fields_of_head(message.bytes, sender == Side::client);
        message.title = "the beginning of a message";
    }
    found(std::move(message));
}

std::size_t HttpDissector::held() const {
    std::size_t held = 0;
    for (const Direction& from : directions_) {
        held += from.early.size() + from.content.size() + from.gathered.kept().size();
        if (from.part == Part::head) held += static_cast<std::size_t>(from.gathered.size());
        if (from.events) held += from.events->held();
        if (from.frames) held += from.frames->held();
    }
    return held;
}

}  // namespace wire
