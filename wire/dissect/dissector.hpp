// What finds messages in the bytes of a connection.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "wire/dissect/message.hpp"

namespace wire {

/// Gets each message that was found.
using Sink = std::function<void(Message)>;

/// Finds the messages of one protocol in a connection whose two directions come in pieces of any
/// size. It knows no sockets and never fails: what breaks the protocol becomes a message too.
class Dissector {
 public:
    explicit Dissector(Sink sink) : sink_(std::move(sink)) {}
    virtual ~Dissector() = default;
    Dissector(const Dissector&) = delete;
    Dissector& operator=(const Dissector&) = delete;

    /// `sender` has sent `bytes`, in one segment, at `time`.
    virtual void take(Side sender, std::string_view bytes, Time time) = 0;
    /// Bytes of `sender` are missing here.
    virtual void gap(Side sender, Time time) = 0;
    /// `sender` sends nothing more; what it has begun is all that there is.
    virtual void finish(Side sender) = 0;
    /// About how many bytes it keeps for messages that are not whole.
    [[nodiscard]] virtual std::size_t held() const = 0;

 protected:
    void found(Message message) const { sink_(std::move(message)); }
    [[nodiscard]] const Sink& sink() const { return sink_; }

 private:
    Sink sink_;
};

}  // namespace wire
