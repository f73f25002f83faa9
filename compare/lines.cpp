// Lines over TCP: all that this transport adds to a text is its end.
#include <sys/socket.h>

#include <stdexcept>

#include "common/check.hpp"
#include "common/line_parser.hpp"
#include "common/socket.hpp"
#include "compare/participants.hpp"
#include "compare/stream.hpp"

namespace compare {
namespace {

constexpr std::size_t kLongestLine = 1024 * 1024;

/// One thread.
class LineParticipant final : public Participant {
 public:
    LineParticipant(bool names, std::string port) : names_(names), port_(std::move(port)) {
        come_back();
    }

    void say(std::string_view text) override {
        std::string line(names_ ? kNamePrefix : "");
        line.append(text).append("\n");
        counts_.sent.text += text.size();
        counts_.sent.framing += line.size() - text.size();
        ++counts_.sent.messages;
        stream_->send(line);
    }
    [[nodiscard]] bool settled() const override { return !stream_ || !stream_->has_unsent(); }
    [[nodiscard]] bool in() const override { return in_; }

    [[nodiscard]] std::array<pollfd, 2> watched() const override {
        return {stream_ ? stream_->watched() : pollfd{-1, 0, 0}, pollfd{-1, 0, 0}};
    }
    void proceed(bool ready, bool) override {
        if (!ready || !stream_) return;
        const std::string bytes = stream_->transfer();
        std::string_view rest = bytes;
        for (;;) {
            std::string line;
            const auto result = parser_.parse(rest, line);
            if (result == lab::LineParser::Result::bad)
                throw std::runtime_error("a line that is too long");
            if (result == lab::LineParser::Result::need_more) break;
            take(line);
        }
        if (stream_->ended()) throw std::runtime_error("the server has ended the connection");
    }

    void leave() override {
        counts_ += stream_->calls();
        stream_.reset();
        in_ = false;
    }
    void come_back() override {
        parser_ = lab::LineParser(kLongestLine);
        stream_.emplace(port_);
        ++counts_.connections;
    }

    [[nodiscard]] Counts counts() const override {
        Counts all = counts_;
        if (stream_) all += stream_->calls();
        return all;
    }

 private:
    void take(std::string_view line) {
        const std::size_t size = line.size();
        line.remove_suffix(1);
        std::string text = names_ ? without_name(line) : std::string(line);
        counts_.received.text += text.size();
        counts_.received.framing += size - text.size();
        ++counts_.received.messages;
        in_ = true;
        hear(std::move(text));
    }

    const bool names_;
    const std::string port_;
    std::optional<Stream> stream_;
    lab::LineParser parser_{kLongestLine};
    bool in_ = false;
    Counts counts_;
};

}  // namespace

std::unique_ptr<Participant> join_lines(const Transport& transport, const Seat& seat) {
    return std::make_unique<LineParticipant>(transport.names, seat.port);
}

}  // namespace compare
