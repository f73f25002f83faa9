// Which of many descriptors are ready: what poll(2) tells, without handing the kernel the whole
// list each time. lessons/architectures.md compares the two.
#pragma once

#include <memory>
#include <vector>

namespace lab {

/// Descriptors that a loop waits on, whichever loop it is.
class DescriptorSet {
 public:
    DescriptorSet() = default;
    virtual ~DescriptorSet() = default;
    DescriptorSet(const DescriptorSet&) = delete;
    DescriptorSet& operator=(const DescriptorSet&) = delete;

    /// Waits for `events` (POLLIN, POLLOUT, both or 0) on `descriptor` from now on; the loop tells
    /// `who` what is ready. It has to stay open until remove(). Throws std::system_error. Source:
    /// epoll_ctl(2), kevent(2).
    virtual void add(int descriptor, short events, void* who) = 0;
    /// Waits for other `events` on it. Throws std::system_error.
    virtual void change(int descriptor, short events, void* who) = 0;
    /// Waits for nothing on it any more.
    virtual void remove(int descriptor) = 0;
};

/// A set of descriptors, and what is waited for on each. The kernel keeps the set, so that one that
/// is not ready costs nothing. Level-triggered, as poll(2) is: what was not dealt with is reported
/// again.
class Readiness : public DescriptorSet {
 public:
    enum class Mechanism { epoll, kqueue, poll };

    /// The best that this system has.
    static Mechanism best();
    /// Throws std::system_error if there is no descriptor left, std::invalid_argument if this
    /// system does not have `mechanism`.
    static std::unique_ptr<Readiness> make(Mechanism mechanism = best());

    /// A descriptor that is ready: `who` was given to add(), `events` is a combination of POLLIN,
    /// POLLOUT, POLLERR and POLLHUP. With kqueue one descriptor may be reported twice.
    struct Ready {
        void* who;
        short events;
    };

    /// Waits until a descriptor is ready, for `milliseconds` at most; -1: for as long as it takes.
    /// Returns those that are ready; none if the time is over or a signal has come. Good until the
    /// next call. Throws std::system_error. Source: epoll_wait(2), kevent(2), poll(2).
    virtual const std::vector<Ready>& wait(int milliseconds) = 0;

 protected:
    Readiness() = default;
};

}  // namespace lab
