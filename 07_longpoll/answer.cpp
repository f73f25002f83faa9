#include "07_longpoll/answer.hpp"

#include <libwebsockets.h>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <optional>
#include <stdexcept>

#include "common/number.hpp"
#include "common/utf8.hpp"

namespace longpoll {
namespace {

/// A message some of whose members have come.
struct PartialMessage {
    std::optional<Id> id;
    std::optional<std::string> name, text;
};

/// Gathers what the parser finds in one body.
class Reader {
 public:
    /// Throws std::runtime_error if `body` is not an object of JSON.
    explicit Reader(std::string_view body);

    std::optional<std::vector<PartialMessage>> messages;
    std::optional<Id> last, id;
    std::optional<bool> gap;
    std::optional<std::string> epoch;

 private:
    static signed char on_event(lejp_ctx* context, char event) noexcept;
    void take(const lejp_ctx& context, char event);
    void take_string(std::string_view path);
    void take_number(std::string_view path, std::string_view digits);

    std::string text_;   // of the string that is coming
    std::string fault_;  // why the parser was stopped
};

// Where in the body the parser is: "last", or "messages[].id". The length is checked here, for it
// writes a longer path into the room behind.
std::string_view path_of(const lejp_ctx& context) {
    const std::size_t length = context.pst[context.pst_sp].ppos;
    if (length >= sizeof context.path) throw std::runtime_error("a name in it is too long");
    return {context.path, length};
}

// One half of a pair that stands for a character beyond U+FFFF, made by the parser of an escape:
// UTF-8 itself has none.
std::optional<unsigned int> surrogate_at(std::string_view text) {
    if (text.size() < 3 || text[0] != '\xED' || static_cast<unsigned char>(text[1]) < 0xA0)
        return std::nullopt;
    const auto bits = [&](std::size_t i) { return static_cast<unsigned char>(text[i]) & 0x3FU; };
    return 0xD000U | bits(1) << 6 | bits(2);
}

// The parser makes two characters of "\ud83d\ude00", which is one.
std::string with_pairs_joined(std::string_view text) {
    std::string joined;
    while (!text.empty()) {
        const auto high = surrogate_at(text);
        const auto low = high ? surrogate_at(text.substr(3)) : std::nullopt;
        if (high && low && *high < 0xDC00 && *low >= 0xDC00) {
            const unsigned int character = 0x10000 + ((*high - 0xD800) << 10) + (*low - 0xDC00);
            joined += static_cast<char>(0xF0 | character >> 18);
            joined += static_cast<char>(0x80 | (character >> 12 & 0x3F));
            joined += static_cast<char>(0x80 | (character >> 6 & 0x3F));
            joined += static_cast<char>(0x80 | (character & 0x3F));
            text.remove_prefix(6);
        } else {
            joined += text[0];
            text.remove_prefix(1);
        }
    }
    if (!lab::is_utf8(joined)) throw std::runtime_error("a string holds half a surrogate pair");
    return joined;
}

Reader::Reader(std::string_view body) {
    if (!lab::is_utf8(body)) throw std::runtime_error("it is not UTF-8");
    lejp_ctx context{};
    lejp_construct(&context, on_event, this, nullptr, 0);
    const int left = lejp_parse(&context, reinterpret_cast<const unsigned char*>(body.data()),
                                static_cast<int>(body.size()));
    lejp_destruct(&context);
    if (!fault_.empty()) throw std::runtime_error(fault_);
    if (left == LEJP_CONTINUE) throw std::runtime_error("it ends too early");
    if (left < 0) throw std::runtime_error(lejp_error_to_string(left));
    const std::string_view rest = body.substr(body.size() - static_cast<std::size_t>(left));
    if (rest.find_first_not_of(" \t\r\n") != std::string_view::npos)
        throw std::runtime_error("something follows it");
}

// No exception may pass through the library.
signed char Reader::on_event(lejp_ctx* context, char event) noexcept {
    auto* const reader = static_cast<Reader*>(context->user);
    try {
        reader->take(*context, event);
        return 0;
    } catch (const std::exception& error) {
        reader->fault_ = error.what();
        return -1;
    }
}

void Reader::take(const lejp_ctx& context, char event) {
    const std::string_view path = path_of(context);
    const std::string_view value(context.buf,
                                 std::min<std::size_t>(context.npos, LEJP_STRING_CHUNK));
    switch (event) {
        case LEJPCB_ARRAY_START:
            if (path == "messages[]") messages.emplace();
            break;
        case LEJPCB_OBJECT_START:
            if (path == "messages[]" && messages) messages->emplace_back();
            break;
        case LEJPCB_VAL_TRUE:
        case LEJPCB_VAL_FALSE:
            if (path == "gap") gap = event == LEJPCB_VAL_TRUE;
            break;
        case LEJPCB_VAL_NUM_INT:
        case LEJPCB_VAL_NUM_FLOAT:
            take_number(path, value);
            break;
        case LEJPCB_VAL_STR_START:
            text_.clear();
            break;
        case LEJPCB_VAL_STR_CHUNK:
            text_ += value;
            break;
        case LEJPCB_VAL_STR_END:
            text_ += value;
            take_string(path);
            break;
        default:
            break;
    }
}

void Reader::take_string(std::string_view path) {
    if (path == "epoch") epoch = with_pairs_joined(text_);
    if (!messages || messages->empty()) return;
    if (path == "messages[].name") messages->back().name = with_pairs_joined(text_);
    if (path == "messages[].text") messages->back().text = with_pairs_joined(text_);
}

void Reader::take_number(std::string_view path, std::string_view digits) {
    std::optional<Id>* place = nullptr;
    if (path == "last") place = &last;
    if (path == "id") place = &id;
    if (path == "messages[].id" && messages && !messages->empty()) place = &messages->back().id;
    if (!place) return;
    const auto number = lab::number_in<Id>(digits);
    if (!number || *number > kLastId) {
        std::string fault(path);
        throw std::runtime_error(fault += " is not a whole number up to 2^53 - 1");
    }
    *place = number;
}

// The member of this `name`, which has to be there.
template <class Value>
Value required(std::optional<Value>& value, const std::string& name) {
    if (!value) throw std::runtime_error("there is no " + name + ", or it is of another type");
    return std::move(*value);
}

// Has a complaint of `read` say what it is about.
template <class Read>
auto in_context(Read read) {
    try {
        return read();
    } catch (const std::runtime_error& error) {
        throw std::runtime_error(std::string("the answer is not the chat's: ") + error.what());
    }
}

}  // namespace

Answer parse_answer(std::string_view body) {
    return in_context([&] {
        Reader found(body);
        Answer answer{.messages = {},
                      .last = required(found.last, "last"),
                      .gap = required(found.gap, "gap"),
                      .epoch = required(found.epoch, "epoch")};
        for (PartialMessage& message : required(found.messages, "messages")) {
            answer.messages.push_back({required(message.id, "id of a message"),
                                       required(message.name, "name of a message"),
                                       required(message.text, "text of a message")});
        }
        return answer;
    });
}

Receipt parse_receipt(std::string_view body) {
    return in_context([&] {
        Reader found(body);
        return Receipt{required(found.id, "id"), required(found.epoch, "epoch")};
    });
}

}  // namespace longpoll
