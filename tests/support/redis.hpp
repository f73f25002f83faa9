// A broker of the tests' own: Redis, or Valkey.
#pragma once

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/program.hpp"
#include "tests/support/report.hpp"
#include "tests/support/scratch_directory.hpp"

namespace lab::test {

/// A running broker. Ends when it goes out of scope.
class Redis {
 public:
    /// Whether there is one on this machine; if not, says that the case is skipped.
    static bool is_there() {
        if (!program().empty()) return true;
        skip("redis-server 7", "redis-server");
        return false;
    }

    /// Where its data is: in memory alone, or in a file too, from which start() reads it again.
    enum class Data { in_memory, in_file };

    /// `password` is what its clients have to know; empty: nothing.
    explicit Redis(std::string password = "", Data data = Data::in_memory,
                   Place place = Place::here())
        : password_(std::move(password)), data_(data) {
        start(place);
    }

    /// Where it listens, on this machine.
    [[nodiscard]] const std::string& port() const { return port_; }
    /// The value of --broker for the room `name`.
    [[nodiscard]] std::string room(const std::string& name) const {
        const std::string user = password_.empty() ? "" : ":" + password_ + "@";
        return "redis://" + user + "127.0.0.1:" + port_ + "/" + name;
    }

    /// Sends `commands`, each a line with CRLF, in one piece, so that no other client's come
    /// between them. Returns when the last is done.
    void run(const std::string& commands, Place place = Place::here()) const {
        Connection connection(connect_or_fail("127.0.0.1", port_, place));
        connection.send(commands + "PING\r\n", place);
        while (connection.receive_line("Redis answers PING", place) != "+PONG\r\n") {
        }
    }

    /// Ends it at once.
    void kill(Place place = Place::here()) {
        program_->send_signal(SIGKILL);
        program_->expect_end_by(SIGKILL, "SIGKILL ends every program", place);
        program_.reset();
    }
    /// After kill(): start() finds no file of data.
    void lose_data() const {
        for (const auto& entry : std::filesystem::directory_iterator(scratch_.path()))
            std::filesystem::remove_all(entry);
    }
    /// Starts it again at the same port, after kill(): with the data that is in its file, or empty.
    void start(Place place = Place::here()) {
        // Redis writes a change to the file before it confirms it. The file outlives the process;
        // only the end of the machine could take it away, so nothing is synced to a disk.
        std::vector<std::string> command{program(),
                                         "--port",
                                         port_,
                                         "--bind",
                                         "127.0.0.1",
                                         "--save",
                                         "",
                                         "--appendonly",
                                         data_ == Data::in_file ? "yes" : "no",
                                         "--appendfsync",
                                         "no",
                                         "--dir",
                                         scratch_.path().string()};
        if (!password_.empty()) command.insert(command.end(), {"--requirepass", password_});
        program_.emplace(command, Streams::pipes, place);
        // It listens before: then it refuses all commands while it reads its file.
        program_->expect_either("Ready to accept connections", "a broker starts", place);
    }
    /// Stops it, so that it answers nothing until resume(). All that it was asked before has been
    /// answered.
    void pause(Place place = Place::here()) const {
        run("", place);
        program_->pause();
    }
    void resume() const { program_->send_signal(SIGCONT); }

 private:
    // Version 7 or later, by its name; empty if there is none.
    static std::string program() {
        for (const char* const name : {"redis-server", "valkey-server"}) {
            const std::string test =
                std::string(name) + R"( --version 2>/dev/null | grep -Eq 'v=([7-9]|[1-9][0-9])\.')";
            if (std::system(test.c_str()) == 0) return name;
        }
        return "";
    }

    const std::string password_;
    const Data data_;
    const ScratchDirectory scratch_;
    const std::string port_ = free_port();
    std::optional<Program> program_;
};

/// The options of a server in the room "lounge" of `redis`, beside `others`.
inline std::vector<std::string> in_room(const Redis& redis, std::vector<std::string> others = {}) {
    others.insert(others.end(), {"--broker", redis.room("lounge")});
    return others;
}

}  // namespace lab::test
