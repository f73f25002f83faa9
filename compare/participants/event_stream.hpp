// Server-Sent Events: an answer that never ends, and POST to say something.
#pragma once

#include <stdexcept>

#include "06_sse/event_stream.hpp"
#include "compare/participants/http.hpp"

namespace compare {

/// A client of 06_sse.
class EventStreamParticipant final : public HttpParticipant {
 public:
    explicit EventStreamParticipant(const ParticipantOptions& options)
        : HttpParticipant(options, std::string("/publish?name=").append(kName), 202) {
        EventStreamParticipant::come_back();
    }

    void come_back() override {
        std::vector<http::Field> fields{{"Accept", "text/event-stream"},
                                        {"Cache-Control", "no-store"}};
        const std::string id = parser_.last_event_id();
        if (!id.empty()) fields.push_back({"Last-Event-ID", id});
        parser_ = sse::EventStreamParser(kMaxMessage, id);
        line_begins_ = true;
        news_.request("GET", "/events", fields);
    }

 private:
    void take(HttpConnection::Result part) override {
        using Result = sse::EventStreamParser::Result;
        in_ = true;
        // The parser skips comments, such as the server's pings: they are messages too.
        for (const char c : news_.body()) {
            if (line_begins_ && c == ':') ++counts_.received.messages;
            line_begins_ = c == '\n';
        }
        std::string_view content = news_.body();
        Result result = parser_.parse(content);
        for (; result == Result::event; result = parser_.parse(content)) {
            ++counts_.received.messages;
            hear(without_name(parser_.event().data));
        }
        if (result == Result::bad) throw std::runtime_error("an event that is too long");
        news_.body().clear();
        if (part == HttpConnection::Result::end) throw std::runtime_error("the stream has ended");
    }

    sse::EventStreamParser parser_{kMaxMessage};
    bool line_begins_ = true;  // with the next byte
};

}  // namespace compare
