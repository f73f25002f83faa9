// A thread that is joined. 02_threaded_chat shows what its threads do.
#pragma once

#include <functional>
#include <thread>
#include <utility>

namespace lab {

/// A std::thread whose owner waits for its end before it ends itself: std::jthread, which the C++
/// library of macOS has only in its newest releases. The owner tells the thread to end, by a flag
/// and a WakePipe, before that. One thread owns it.
class Thread {
 public:
    Thread() = default;
    /// Starts `work`. Throws std::system_error if the system has no more threads.
    explicit Thread(std::function<void()> work) : thread_(std::move(work)) {}
    Thread(Thread&&) = default;
    Thread& operator=(Thread&& other) noexcept {
        // The old thread ends with `other`, which joins it.
        std::swap(thread_, other.thread_);
        return *this;
    }
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;
    ~Thread() {
        if (thread_.joinable()) thread_.join();
    }

    /// Waits for its end, once.
    void join() { thread_.join(); }

 private:
    std::thread thread_;
};

}  // namespace lab
