// The broker of a shared room, in the library's loop: its sockets are adopted as files.
#pragma once

#include <libwebsockets.h>

#include <map>
#include <string>

#include "common/broker.hpp"
#include "common/readiness.hpp"

namespace ws_chat {

/// A lab::Broker whose descriptors the loop of libwebsockets waits on. All of it belongs to the
/// thread that serves the library.
class BrokerInLoop : private lab::DescriptorSet {
 public:
    /// `listener` must outlive it. start() is as lab::Broker::start().
    BrokerInLoop(const lab::Broker::Options& options, lab::RoomListener& listener)
        : broker_(options, listener) {}
    void start() { broker_.start(); }
    /// From now on the loop of `vhost` waits on its descriptors: RAW_RX_FILE and RAW_WRITEABLE_FILE
    /// are for ready(), RAW_CLOSE_FILE is for closed().
    void watch(lws_vhost* vhost);

    /// `connection`, one of the library's for a descriptor of the broker, is ready. Returns false
    /// if it is of no use any more: then the callback has to return -1.
    [[nodiscard]] bool ready(lws* connection);
    /// The library has given up `connection`.
    void closed(lws* connection);
    /// To be called in each round of the loop, and several times a second.
    void proceed_if_due();

    /// As lab::Broker::add().
    [[nodiscard]] bool add(const lab::EntryFields& fields, lab::Broker::Done done) {
        return broker_.add(fields, "", std::move(done));
    }

 private:
    struct Watched {
        lws* connection;
        short events;
    };
    void add(int descriptor, short events, void* who) override;
    void change(int descriptor, short events, void* who) override;
    void remove(int descriptor) override;
    void proceed();

    lab::Broker broker_;
    lws_vhost* vhost_ = nullptr;
    std::map<int, Watched> watched_;  // by the broker's descriptor
};

}  // namespace ws_chat
