// The room that several servers share, as one of them sees it: what its members say goes to the
// broker, and what the broker tells goes to them. The broker's sockets are in the library's loop.
#pragma once

#include <libwebsockets.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "05_ws_chat/programs.hpp"
#include "05_ws_chat/room.hpp"
#include "common/broker/broker.hpp"
#include "common/readiness.hpp"

namespace ws_chat {

/// A room at a broker. All of it belongs to the thread that serves the library.
class SharedRoom : private lab::DescriptorSet, private lab::RoomListener {
 public:
    /// Waits until the broker of `options`, which has one, is there. Publishes in `room` the
    /// messages of which the broker tells; `room` must outlive this. Throws std::runtime_error if
    /// the broker cannot be used.
    SharedRoom(const ServerOptions& options, Room& room);

    /// From now on the loop of `vhost` waits on the broker's descriptors, which it adopts as files:
    /// RAW_RX_FILE and RAW_WRITEABLE_FILE are for ready(), RAW_CLOSE_FILE is for closed().
    void watch(lws_vhost* vhost);
    /// `connection`, one of the library's for a descriptor of the broker, is ready. Returns false
    /// if it is of no use any more: then the callback has to return -1.
    [[nodiscard]] bool ready(lws* connection);
    /// The library has given up `connection`.
    void closed(lws* connection);
    /// To be called in each round of the loop, and several times a second.
    void proceed_if_due();

    /// Has the broker tell all servers what the member `name` says. Calls `failed` if that is not
    /// in the room, or, with `doubted`, perhaps not.
    void say(const std::string& name, bool text, const std::string& message,
             std::function<void(bool doubted)> failed);

    /// The notice for a member of whose messages `unsaid` are not in the room, and `doubted`
    /// perhaps are not.
    static std::string notice_of(std::size_t unsaid, std::size_t doubted);

 private:
    struct Watched {
        lws* connection;
        short events;
    };
    void add(int descriptor, short events, void* who) override;
    void change(int descriptor, short events, void* who) override;
    void remove(int descriptor) override;
    void proceed();

    void new_room(const std::string& epoch) override;
    void entry(std::uint64_t id, const lab::EntryFields& fields) override;
    void lost_up_to(std::uint64_t last) override;
    void broker_changed(bool up) override;
    void show_notice(const std::string& what);

    Room& room_;
    lab::Broker broker_;
    bool known_ = false;  // the room was known once: what is lost from then on is told
    lws_vhost* vhost_ = nullptr;
    std::map<int, Watched> watched_;  // by the broker's descriptor
};

}  // namespace ws_chat
