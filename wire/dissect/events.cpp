#include "wire/dissect/events.hpp"

#include <utility>

#include "wire/dissect/text.hpp"

namespace wire {
namespace {

constexpr const char* kSource = "WHATWG HTML, 9.2.6";

std::string meaning_of(std::string_view name) {
    if (name == "data") return "what the event says; several lines are one text";
    if (name == "id") return "a client that comes back says it as Last-Event-ID";
    if (name == "event") return "the kind of event: a page listens to it by this name";
    if (name == "retry") return "milliseconds to wait before the client comes back";
    if (name.empty()) return "a comment: it only shows that the connection lives";
    return "a field that no reader knows: passed over";
}

// One line of a stream, whose bytes begin and end there; `line` is without the framing in it.
Field field_of(std::size_t begin, std::size_t end, std::string_view line) {
    if (line.empty())
        return {begin, end - begin, "empty line", "", "the end of the event", kSource};
    const std::size_t colon = std::min(line.find(':'), line.size());
    std::string_view value = line.substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) value.remove_prefix(1);
    const std::string_view name = line.substr(0, colon);
    return {begin,
            end - begin,
            name.empty() ? "comment" : beginning(name, 40),
            beginning(value),
            meaning_of(name),
            kSource};
}

}  // namespace

bool EventFinder::take(std::string_view byte, bool content, Gathered& gathered, const Sink& sink) {
    const bool line_end = byte == "\n" || byte == "\r";
    // An LF behind the CR that has ended the event belongs to it.
    const bool second_half = content && byte == "\n" && std::exchange(carriage_return_, false);
    carriage_return_ = content ? byte == "\r" : carriage_return_;
    if (whole_ && !second_half && (content || !line_end)) tell_event(gathered, sink);
    if (gathered.kept().size() < Message::kMaxKept)
        add_to_spans(spans_, gathered.kept().size(), content);
    gathered.add(byte);
    if (!content) return false;
    ++held_;
    if (!line_end) blank_ = false;
    if (line_begins_ && !line_end && byte != ":" && byte != "r") only_notes_ = false;
    line_begins_ = line_end;
    std::string_view rest = byte;
    const auto result = parser_.parse(rest);
    if (result == sse::EventStreamParser::Result::event) whole_ = true;
    return result == sse::EventStreamParser::Result::bad;
}

void EventFinder::end_segment(Gathered& gathered, const Sink& sink) {
    if (whole_) return tell_event(gathered, sink);
    if (!only_notes_ || !line_begins_ || blank_) return;
    std::vector<Field> found = fields(gathered.kept());
    Message message = gathered.take(Side::server, "no event", "");
    if (!found.empty()) message.title = found[0].name + " " + found[0].value;
    message.fields = std::move(found);
    for (Field& field : fields_of_chunks(message.bytes, spans_))
        message.fields.push_back(std::move(field));
    begin_next();
    sink(std::move(message));
}

void EventFinder::begin_next() {
    spans_.clear();
    held_ = 0;
    whole_ = false;
    only_notes_ = true;
    blank_ = true;
}

void EventFinder::tell_event(Gathered& gathered, const Sink& sink) {
    const sse::Event& event = parser_.event();
    Message message = gathered.take(Side::server, "event", "event");
    if (!event.id.empty()) message.title += " " + beginning(event.id, 40);
    if (event.type != "message") message.title += ", " + beginning(event.type, 40);
    message.text = beginning(event.data);
    message.fields = fields(message.bytes);
    for (Field& field : fields_of_chunks(message.bytes, spans_))
        message.fields.push_back(std::move(field));
    add_utf8_table(message.tables, message.text);
    begin_next();
    sink(std::move(message));
}

// The lines among the content. A line that a chunk cuts keeps the framing inside: that is told
// after it, and so has the last word about its bytes.
std::vector<Field> EventFinder::fields(std::string_view bytes) const {
    std::vector<Field> found;
    std::string line;
    std::size_t begin = std::string_view::npos;
    bool carriage_return = false;
    for (const Span& span : spans_) {
        for (std::size_t at = span.begin; span.content && at < span.begin + span.size; ++at) {
            const char byte = at < bytes.size() ? bytes[at] : '\n';
            if (std::exchange(carriage_return, false) && byte == '\n') {
                ++found.back().size;
                continue;
            }
            if (begin == std::string_view::npos) begin = at;
            if (byte != '\n' && byte != '\r') {
                line += byte;
                continue;
            }
            found.push_back(field_of(begin, at + 1, std::exchange(line, {})));
            begin = std::string_view::npos;
            carriage_return = byte == '\r';
        }
    }
    if (!line.empty()) found.push_back(field_of(begin, bytes.size(), line));
    return found;
}

}  // namespace wire
