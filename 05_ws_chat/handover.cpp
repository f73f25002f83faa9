#include "05_ws_chat/handover.hpp"

#include <utility>

namespace ws_chat {

void Handover::put(Arrival arrival) {
    const std::lock_guard lock(mutex_);
    if (!context_) return;
    arrivals_.push_back(std::move(arrival));
    waiting_ = true;
    lws_cancel_service(context_);
}

void Handover::wake() {
    const std::lock_guard lock(mutex_);
    if (context_) lws_cancel_service(context_);
}

void Handover::open(lws_context* context) {
    const std::lock_guard lock(mutex_);
    context_ = context;
}

std::vector<Arrival> Handover::take() {
    if (!waiting_) return {};
    const std::lock_guard lock(mutex_);
    waiting_ = false;
    return std::exchange(arrivals_, {});
}

void Handover::close() {
    const std::lock_guard lock(mutex_);
    context_ = nullptr;
    arrivals_.clear();
    closed_ = true;
}

}  // namespace ws_chat
