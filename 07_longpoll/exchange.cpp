#include "07_longpoll/exchange.hpp"

#include <system_error>
#include <utility>

#include "common/http/retry.hpp"

namespace longpoll {
namespace {

constexpr std::size_t kLongestAnswer = 64 * 1024 * 1024;

}  // namespace

void Exchange::request(const std::string& method, const std::string& target,
                       std::chrono::seconds patience, const std::vector<http::Field>& fields,
                       const std::string& content_type, std::string_view body) {
    if (!connection_) connection_.emplace(url_, kLongestAnswer, trace_);
    connection_->request(method, target, fields, content_type, body);
    due_ = Clock::now() + patience;
}

Exchange::Result Exchange::serve(bool ready) {
    if (connection_ && ready) {
        try {
            connection_->transfer();
        } catch (const std::system_error& error) {
            return lose(error.what());
        }
        if (const Result result = receive(); result != Result::nothing) return result;
    }
    if (due_ && Clock::now() >= *due_) return lose("the server does not answer");
    return Result::nothing;
}

Exchange::Result Exchange::receive() {
    using Read = http::ResponseReader::Result;
    for (;;) {
        const Read result = connection_->read();
        if (result == Read::bad) return lose(connection_->fault());
        if (result == Read::need_more)
            return connection_->ended() ? lose("the connection is lost") : Result::nothing;
        if (result != Read::end) continue;
        // Nothing was asked: it says good-bye, as with 408 to one who has been silent for long.
        if (!due_) return lose("");
        due_.reset();
        reply_ = {connection_->head().status, std::move(connection_->body()),
                  http::retry_after(connection_->head())};
        if (connection_->head().has_token("Connection", "close")) connection_.reset();
        return Result::answered;
    }
}

// A connection that breaks between two requests is no loss: the next one makes another.
Exchange::Result Exchange::lose(std::string why) {
    fault_ = std::move(why);
    connection_.reset();
    const bool was_busy = busy();
    due_.reset();
    return was_busy ? Result::lost : Result::nothing;
}

}  // namespace longpoll
