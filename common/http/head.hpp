// The head of an HTTP/1.1 message: the start line and the header fields, up to the empty line. It
// knows no sockets: bytes go in, a head comes out.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace http {

/// One header field, without the white space around its value.
struct Field {
    Field() = default;
    Field(std::string_view of_name, std::string_view of_value) : name(of_name), value(of_value) {}
    std::string name, value;
};

/// `text` without the spaces and tabs at its ends. Source: RFC 9110, section 5.6.3.
std::string_view without_white_space(std::string_view text);

/// `text` with A to Z as small letters, all other bytes as they are.
std::string lower_case(std::string_view text);

/// Whether `text` is a token, as the methods and the names of fields are: one or more letters,
/// digits or signs of a short list. Source: RFC 9110, section 5.6.2.
bool is_token(std::string_view text);

/// Whether `text` holds a control character that is no tab, as no header value may. Source: RFC
/// 9110, section 5.5.
bool has_control(std::string_view text);

/// The head of a request or of a response.
struct Head {
    std::string method, target;  // of a request
    int status = 0;              // of a response
    std::string reason;          // of a response: "Switching Protocols"
    int minor_version = 1;       // 0 for HTTP/1.0; a later one counts as HTTP/1.1
    std::vector<Field> fields;   // in the order in which they came

    /// The values of all fields of this `name`, in any case: RFC 9110, section 5.1.
    [[nodiscard]] std::vector<std::string_view> values(std::string_view name) const;
    /// Whether `token`, in any case, stands in the comma-separated lists of the fields of this
    /// `name`: one list may go on over several fields. Source: RFC 9110, section 5.6.1.
    [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const;
};

/// Why a message is refused: the status of the answer, and a sentence for its sender.
struct Refusal {
    int status = 0;
    std::string text;
    std::vector<Field> fields;  // further header fields of the answer
};

/// The refusal with status 400.
inline Refusal bad_request(std::string text) {
    return {400, std::move(text), {}};
}

/// Appends the header field in `line`, which has no line end any more, to `fields`. Or returns why
/// it is refused: 400. Source: RFC 9112, section 5.
std::optional<Refusal> parse_field(std::string_view line, std::vector<Field>& fields);

/// Parses one head from a stream that arrives in pieces of any size, and keeps no more of it than
/// its limits allow. The result does not depend on where the bytes are cut. Source: RFC 9112,
/// sections 2 to 5.
class HeadParser {
 public:
    enum class Kind { request, response };
    enum class Result {
        head,       // head() is whole: the input begins behind it now
        need_more,  // all of the input was taken
        bad,        // error() says why: the stream cannot be read on
    };
    struct Limits {
        std::size_t target = 8000;  // bytes, of a request: RFC 9112, section 3
        std::size_t head = 16384;   // bytes, in all
        // Whether a line may end with LF alone: RFC 9112, section 2.2, allows it. Behind a proxy it
        // is dangerous: the proxy and the server must not find two different ends of one line.
        bool lone_lf = true;
    };

    explicit HeadParser(Kind kind) : HeadParser(kind, Limits{}) {}
    HeadParser(Kind kind, Limits limits) : kind_(kind), limits_(limits) {}

    /// Takes bytes from the front of `input`, at most to the end of the head. Not to be called
    /// again after head or bad.
    Result parse(std::string_view& input);

    /// The head as far as it was parsed. After Result::head it is whole, and the caller may move
    /// it.
    [[nodiscard]] const Head& head() const { return head_; }
    [[nodiscard]] Head& head() { return head_; }
    /// Whether anything but empty lines has come.
    [[nodiscard]] bool begun() const {
        return has_start_line_ || !(line_.empty() || line_ == "\r");
    }
    /// After Result::bad. Its status is 400, 431 or 505; of requests also 414 or 501.
    [[nodiscard]] const Refusal& error() const { return error_; }

 private:
    bool refuse(int status, const std::string& text);
    bool fits(std::string_view piece);
    bool take_line(std::string_view line);
    bool take_request_line(std::string_view line);
    bool take_method(std::string_view line);
    bool take_status_line(std::string_view line);
    bool take_version(std::string_view version);
    bool take_field(std::string_view line);
    bool continue_field(std::string_view line);

    Kind kind_;
    Limits limits_;
    Head head_;
    Refusal error_;
    std::string line_;      // a line whose end has not come yet
    std::size_t size_ = 0;  // bytes taken so far
    bool has_start_line_ = false;
};

}  // namespace http
