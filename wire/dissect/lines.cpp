#include "wire/dissect/lines.hpp"

#include "wire/dissect/text.hpp"

namespace wire {

Message raw_message(Side sender, Gathered& gathered) {
    Message message = gathered.take(sender, "bytes", "");
    message.title = count_of(message.size, "byte");
    message.text = beginning(message.bytes);
    message.fields.push_back({0, message.bytes.size(), "bytes", message.text, "", ""});
    return message;
}

void LineDissector::take(Side sender, std::string_view bytes, Time time) {
    Direction& direction = directions_[static_cast<std::size_t>(sender)];
    direction.gathered.begin_segment(time);
    while (!bytes.empty() && !direction.raw) {
        const std::string_view before = bytes;
        std::string line;
        const auto result = direction.parser.parse(bytes, line);
        if (result == lab::LineParser::Result::bad) {
            direction.raw = true;
            break;
        }
        direction.gathered.add(before.substr(0, before.size() - bytes.size()));
        if (result == lab::LineParser::Result::line) tell(sender, direction, true);
    }
    if (!direction.raw) return;
    direction.gathered.add(bytes);
    found(raw_message(sender, direction.gathered));
}

void LineDissector::gap(Side sender, Time) {
    finish(sender);
}

void LineDissector::finish(Side sender) {
    Direction& direction = directions_[static_cast<std::size_t>(sender)];
    if (direction.gathered.size() > 0) tell(sender, direction, false);
    direction.parser = lab::LineParser(kMaxLine);
}

std::size_t LineDissector::held() const {
    return static_cast<std::size_t>(directions_[0].gathered.size() +
                                    directions_[1].gathered.size());
}

void LineDissector::tell(Side sender, Direction& direction, bool has_end) {
    Message message = direction.gathered.take(sender, "line", "");
    message.title = count_of(message.size, "byte");
    message.text = beginning(message.bytes);
    const std::string_view bytes = message.bytes;
    const bool whole = message.size == bytes.size();
    const std::size_t end = !has_end || !whole ? 0 : bytes.ends_with("\r\n") ? 2 : 1;
    const std::size_t size = bytes.size() - end;
    message.fields.push_back(
        {0, size, "line", beginning(bytes.substr(0, size)), count_of(size, "byte"), ""});
    if (end > 0) {
        message.fields.push_back({size, end, "line end", std::string(bytes.substr(size)),
                                  "the only thing that says where the line ends", ""});
    }
    if (!has_end) message.note = "it has no line end";
    add_utf8_table(message.tables, bytes.substr(0, size));
    found(std::move(message));
}

}  // namespace wire
