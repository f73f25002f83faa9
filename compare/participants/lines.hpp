// Lines over TCP: all that this transport adds to a text is its end, and the name before it.
#pragma once

#include <stdexcept>

#include "common/line_parser.hpp"
#include "compare/participants/stream.hpp"

namespace compare {

/// A client of 02_threaded_chat, or of the echo of 01_tcp_echo.
class LineParticipant final : public StreamParticipant {
 public:
    LineParticipant(const Transport& transport, const ParticipantOptions& options)
        : StreamParticipant(options.port), named_(!transport.is_echo()) {
        LineParticipant::come_back();
    }

    void come_back() override {
        parser_ = lab::LineParser(kMaxMessage);
        open();
    }

    void say(std::string_view text) override {
        counts_.sent.text += text.size();
        send(std::string(named_ ? kNamePrefix : "").append(text).append("\n"));
    }

 private:
    void receive(std::string_view bytes) override {
        using Result = lab::LineParser::Result;
        std::string line;
        for (;; line.clear()) {
            const Result result = parser_.parse(bytes, line);
            if (result == Result::bad) throw std::runtime_error(parser_.error());
            if (result == Result::need_more) return;
            line.pop_back();
            ++counts_.received.messages;
            in_ = true;
            hear(named_ ? without_name(line) : line);
        }
    }

    const bool named_;
    lab::LineParser parser_{kMaxMessage};
};

}  // namespace compare
