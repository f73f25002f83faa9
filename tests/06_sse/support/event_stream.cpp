#include "tests/06_sse/support/event_stream.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "common/visible.hpp"

namespace lab::test {
namespace {

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
}

int id_of(const HttpResponse& response, Place place) {
    const std::string hint = "the answer to POST /publish is 202, and its body the id on a line";
    expect_status(response, 202, hint, place);
    const int id = std::atoi(response.body.c_str());
    if (id < 1 || response.body != std::to_string(id) + "\n")
        fail("an id of 1 or more, on a line", lab::visible(response.body), hint, place);
    return id;
}

std::string shown(const StreamEvent& event) {
    return "id " + lab::visible(event.id) + ", type " + lab::visible(event.type) + ", data " +
           lab::visible(event.data, 200);
}

// The event that the lines of `block` make; sets `retry` and counts `comments` if it holds any.
StreamEvent event_of(const std::vector<std::string>& block, std::string& retry,
                     std::size_t& comments, Place place) {
    StreamEvent event;
    bool has_data = false;
    for (const std::string& line : block) {
        const std::size_t colon = line.find(':');
        const std::string name = line.substr(0, colon);
        std::string value = colon == std::string::npos ? "" : line.substr(colon + 1);
        if (value.starts_with(' ')) value.erase(0, 1);
        if (colon == 0) {
            ++comments;
        } else if (name == "data") {
            event.data.append(has_data ? "\n" : "").append(value);
            has_data = true;
        } else if (name == "id") {
            event.id = value;
        } else if (name == "event") {
            event.type = value;
        } else if (name == "retry") {
            retry = value;
        } else {
            fail("only id, event, data, retry and comments", lab::visible(joined(block), 300),
                 "nothing that is published may become a field of its own", place);
        }
    }
    if (!has_data && !(event.id + event.type).empty())
        fail("an event with data", lab::visible(joined(block), 300), "it would be dropped", place);
    return event;
}

// The content of a body in chunks that ended with the connection, in whatever way.
std::string without_chunks(std::string_view framed) {
    std::string content;
    for (std::size_t end = 0; (end = framed.find('\n')) != std::string_view::npos;) {
        const std::size_t count =
            std::strtoul(std::string(framed.substr(0, end)).c_str(), nullptr, 16);
        if (count == 0) break;
        framed.remove_prefix(end + 1);
        content += framed.substr(0, count);
        framed.remove_prefix(std::min(count + 2, framed.size()));
    }
    return content;
}

}  // namespace

EventStream::EventStream(const Server& server, std::string_view target, std::string_view fields,
                         int receive_buffer, Place place)
    : EventStream(Connection(server, receive_buffer, place), http_request("GET", target, fields),
                  place) {
}

EventStream::EventStream(Connection connection, std::string_view request, Place place)
    : connection_(std::move(connection)) {
    connection_.send(request, place);
    const std::string hint = "GET /events is answered at once, with an event stream";
    head_ = receive_head(connection_, hint, place);
    if (head_.status() != 200 || !head_.value("Content-Type").starts_with("text/event-stream")) {
        fail("200 with Content-Type: text/event-stream",
             lab::visible(head_.first_line + head_.fields, 400), hint, place);
    }
    chunked_ = lower(head_.value("Transfer-Encoding")) == "chunked";
}

std::string EventStream::receive_line(const std::string& hint, Place place) {
    if (!split_.empty()) {
        std::string line = split_.front();
        split_.erase(split_.begin());
        return line;
    }
    std::string line;
    if (chunked_) {
        std::size_t end = 0;
        while ((end = arrived_.find('\n')) == std::string::npos) {
            const std::string size = connection_.receive_line(hint, place);
            const std::size_t count = std::strtoul(size.c_str(), nullptr, 16);
            if (count == 0) fail("a line", "the last chunk", hint, place);
            arrived_ += connection_.receive(count, hint, place);
            connection_.expect("\r\n", "a chunk ends with CRLF", place);
        }
        line = arrived_.substr(0, end + 1);
        arrived_.erase(0, end + 1);
    } else {
        line = connection_.receive_line(hint, place);
    }
    line.pop_back();
    if (line.ends_with('\r')) line.pop_back();
    // A lone CR ends a line too.
    for (std::size_t cr = 0; (cr = line.rfind('\r')) != std::string::npos; line.resize(cr))
        split_.insert(split_.begin(), line.substr(cr + 1));
    return line;
}

std::vector<std::string> EventStream::receive_block(const std::string& hint, Place place) {
    std::vector<std::string> lines;
    for (;;) {
        std::string line = receive_line(hint, place);
        if (line.empty()) return lines;
        lines.push_back(std::move(line));
    }
}

const std::string& EventStream::receive_retry(const std::string& hint, Place place) {
    const StreamEvent event = event_of(receive_block(hint, place), retry_, comments_, place);
    if (retry_.empty() || event != StreamEvent{}) fail("`retry: `", shown(event), hint, place);
    return retry_;
}

void EventStream::receive_comment(const std::string& hint, Place place) {
    const std::size_t before = comments_;
    const StreamEvent event = event_of(receive_block(hint, place), retry_, comments_, place);
    if (comments_ == before || event != StreamEvent{})
        fail("a line that begins with a colon", shown(event), hint, place);
}

StreamEvent EventStream::receive(const std::string& hint, Place place) {
    for (;;) {
        StreamEvent event = event_of(receive_block(hint, place), retry_, comments_, place);
        if (event != StreamEvent{}) return event;
    }
}

void EventStream::expect(const StreamEvent& event, const std::string& hint, Place place) {
    const StreamEvent got = receive(hint, place);
    if (got.id != event.id || got.type != event.type) fail(shown(event), shown(got), hint, place);
    expect_bytes(event.data, got.data, hint, place);
}

void EventStream::expect_ids(int first, int last, const std::string& hint, Place place) {
    for (int id = first; id <= last; ++id) {
        const StreamEvent got = receive(hint, place);
        if (got.id != std::to_string(id))
            fail("the event with the id " + std::to_string(id), shown(got), hint, place);
    }
}

void EventStream::expect_end(const std::string& hint, Place place) {
    const std::string rest = connection_.receive_to_fin(hint, place);
    const std::string content = chunked_ ? without_chunks(rest) : rest;
    if ((chunked_ && !rest.ends_with(kLastChunk)) || !events_in(content, place).empty())
        fail("the end of the stream", lab::visible(rest, 300), hint, place);
}

std::vector<StreamEvent> EventStream::receive_to_end(const std::string& hint, Place place) {
    const std::string rest = connection_.receive_to_end(hint, place);
    return events_in(joined(split_) + arrived_ + (chunked_ ? without_chunks(rest) : rest), place);
}

std::vector<StreamEvent> events_in(std::string_view text, Place place) {
    std::vector<StreamEvent> events;
    std::vector<std::string> block;
    std::string retry;
    std::size_t comments = 0;
    for (std::size_t end = 0; (end = text.find_first_of("\r\n")) != std::string_view::npos;) {
        const std::string line(text.substr(0, end));
        text.remove_prefix(text.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
        if (!line.empty()) {
            block.push_back(line);
            continue;
        }
        const StreamEvent event = event_of(std::exchange(block, {}), retry, comments, place);
        if (event != StreamEvent{}) events.push_back(event);
    }
    return events;
}

std::vector<EventStream> open_streams(const Server& server, std::size_t count, Place place) {
    std::vector<EventStream> streams;
    for (std::size_t i = 0; i < count; ++i) streams.emplace_back(server, "/events", "", 0, place);
    return streams;
}

std::string last_event_id(const std::string& id) {
    return "Last-Event-ID: " + id + "\r\n";
}

std::string publish_request(std::string_view text, std::string_view query,
                            std::string_view fields) {
    std::string target = "/publish";
    if (!query.empty()) target.append("?").append(query);
    return http_request("POST", target, fields, text);
}

int publish(const Server& server, std::string_view text, std::string_view query, Place place) {
    return id_of(ask(server, publish_request(text, query), "POST /publish is answered", place),
                 place);
}

int Publisher::publish(std::string_view text, std::string_view query, Place place) {
    connection_.send(publish_request(text, query), place);
    return id_of(receive_response(connection_, "POST /publish is answered", false, place), place);
}

void Publisher::publish_numbers(int count, Place place) {
    std::string requests;
    for (int i = 1; i <= count; ++i) requests += publish_request(std::to_string(i));
    if (!connection_.send_and_keep(requests, place))
        fail("all is taken", "the end of the connection", "answer one after the other", place);
    for (int i = 0; i < count; ++i)
        id_of(receive_response(connection_, "POST /publish is answered", false, place), place);
}

}  // namespace lab::test
