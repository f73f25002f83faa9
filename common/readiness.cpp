#include "common/readiness.hpp"

#include <poll.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <map>
#include <stdexcept>

#include "common/check.hpp"
#include "common/file_descriptor.hpp"

#ifdef __linux__
#include <sys/epoll.h>
#elif defined(__APPLE__) || defined(__FreeBSD__)
#include <sys/event.h>
#endif

namespace lab {
namespace {

// One call tells of this many at most; the next call tells of the others.
constexpr int kMaxAtOnce = 256;

// As 04_handshake does it: the kernel is handed the whole list, and walks over all of it.
class Poll : public Readiness {
 public:
    void add(int descriptor, short events, void* who) override {
        places_[descriptor] = entries_.size();
        entries_.push_back({descriptor, events, 0});
        who_.push_back(who);
    }
    void change(int descriptor, short events, void* who) override {
        const std::size_t place = places_.at(descriptor);
        entries_[place].events = events;
        who_[place] = who;
    }
    void remove(int descriptor) override {
        const auto found = places_.find(descriptor);
        if (found == places_.end()) return;
        // The last one takes its place.
        const std::size_t place = found->second;
        entries_[place] = entries_.back();
        who_[place] = who_.back();
        places_[entries_[place].fd] = place;
        entries_.pop_back();
        who_.pop_back();
        places_.erase(descriptor);
    }
    const std::vector<Ready>& wait(int milliseconds) override {
        ready_.clear();
        const int count =
            ::poll(entries_.data(), static_cast<nfds_t>(entries_.size()), milliseconds);
        if (count < 0 && errno != EINTR) check("poll", count);
        for (std::size_t i = 0; count > 0 && i < entries_.size(); ++i)
            if (entries_[i].revents) ready_.push_back({who_[i], entries_[i].revents});
        return ready_;
    }

 private:
    std::vector<pollfd> entries_;
    std::vector<void*> who_;  // of each entry
    std::map<int, std::size_t> places_;
    std::vector<Ready> ready_;
};

#ifdef __linux__

static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLERR == POLLERR &&
              EPOLLHUP == POLLHUP);

class Epoll : public Readiness {
 public:
    void add(int descriptor, short events, void* who) override {
        control(EPOLL_CTL_ADD, descriptor, events, who);
    }
    void change(int descriptor, short events, void* who) override {
        control(EPOLL_CTL_MOD, descriptor, events, who);
    }
    void remove(int descriptor) override {
        epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, descriptor, nullptr);
    }
    const std::vector<Ready>& wait(int milliseconds) override {
        ready_.clear();
        std::array<epoll_event, kMaxAtOnce> events;
        const int count = epoll_wait(epoll_.number(), events.data(), kMaxAtOnce, milliseconds);
        if (count < 0 && errno != EINTR) check("epoll_wait", count);
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            ready_.push_back({event.data.ptr, static_cast<short>(event.events)});
        }
        return ready_;
    }

 private:
    void control(int operation, int descriptor, short events, void* who) {
        epoll_event event{};
        event.events = static_cast<std::uint32_t>(events);
        event.data.ptr = who;
        check("epoll_ctl", epoll_ctl(epoll_.number(), operation, descriptor, &event));
    }

    const FileDescriptor epoll_{check("epoll_create1", epoll_create1(EPOLL_CLOEXEC))};
    std::vector<Ready> ready_;
};

#elif defined(__APPLE__) || defined(__FreeBSD__)

// kqueue waits for reading and for writing each by a filter of its own.
class Kqueue : public Readiness {
 public:
    void add(int descriptor, short events, void* who) override { change(descriptor, events, who); }
    void change(int descriptor, short events, void* who) override {
        set(descriptor, EVFILT_READ, (events & POLLIN) != 0, who);
        set(descriptor, EVFILT_WRITE, (events & POLLOUT) != 0, who);
    }
    void remove(int descriptor) override { change(descriptor, 0, nullptr); }
    const std::vector<Ready>& wait(int milliseconds) override {
        ready_.clear();
        std::array<struct kevent, kMaxAtOnce> events;
        const timespec limit{milliseconds / 1000, milliseconds % 1000 * 1'000'000L};
        const int count = kevent(kqueue_.number(), nullptr, 0, events.data(), kMaxAtOnce,
                                 milliseconds < 0 ? nullptr : &limit);
        if (count < 0 && errno != EINTR) check("kevent", count);
        for (int i = 0; i < count; ++i) {
            const struct kevent& event = events[static_cast<std::size_t>(i)];
            const short what = event.filter == EVFILT_READ ? POLLIN : POLLOUT;
            ready_.push_back({event.udata, what});
        }
        return ready_;
    }

 private:
    void set(int descriptor, short filter, bool on, void* who) {
        struct kevent event;
        EV_SET(&event, descriptor, filter, on ? EV_ADD : EV_DELETE, 0, 0, who);
        const int result = kevent(kqueue_.number(), &event, 1, nullptr, 0, nullptr);
        // A filter that was never set cannot be taken back, and need not be.
        if (on || errno != ENOENT) check("kevent", result);
    }

    const FileDescriptor kqueue_{check("kqueue", kqueue())};
    std::vector<Ready> ready_;
};

#endif

}  // namespace

Readiness::Mechanism Readiness::best() {
#ifdef __linux__
    return Mechanism::epoll;
#elif defined(__APPLE__) || defined(__FreeBSD__)
    return Mechanism::kqueue;
#else
    return Mechanism::poll;
#endif
}

std::unique_ptr<Readiness> Readiness::make(Mechanism mechanism) {
    if (mechanism == Mechanism::poll) return std::make_unique<Poll>();
#ifdef __linux__
    if (mechanism == Mechanism::epoll) return std::make_unique<Epoll>();
#elif defined(__APPLE__) || defined(__FreeBSD__)
    if (mechanism == Mechanism::kqueue) return std::make_unique<Kqueue>();
#endif
    throw std::invalid_argument("this system has no such mechanism");
}

}  // namespace lab
