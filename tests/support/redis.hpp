// A broker of the tests' own: Redis, or Valkey, with its data in memory alone.
#pragma once

#include <csignal>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/listener.hpp"
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

    /// `password` is what its clients have to know; empty: nothing.
    explicit Redis(std::string password = "", Place place = Place::here())
        : password_(std::move(password)) {
        start(place);
    }

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

    /// Ends it at once, as a machine does that loses power.
    void kill(Place place = Place::here()) {
        program_->send_signal(SIGKILL);
        program_->expect_end_by(SIGKILL, "SIGKILL ends every program", place);
        program_.reset();
    }
    /// Starts it again at the same port, after kill(): empty.
    void start(Place place = Place::here()) {
        std::vector<std::string> command{program(),
                                         "--port",
                                         port_,
                                         "--bind",
                                         "127.0.0.1",
                                         "--save",
                                         "",
                                         "--appendonly",
                                         "no",
                                         "--dir",
                                         scratch_.path().string()};
        if (!password_.empty()) command.insert(command.end(), {"--requirepass", password_});
        program_.emplace(command, Streams::pipes, place);
        wait_until_listening(port_, place);
    }
    /// Stops it, so that it answers nothing until resume().
    void pause() const { program_->pause(); }
    void resume() const { program_->send_signal(SIGCONT); }

 private:
    // Version 7 or later, by its name; empty if there is none.
    static std::string program() {
        for (const std::string name : {"redis-server", "valkey-server"}) {
            const std::string test =
                name + R"( --version 2>/dev/null | grep -Eq 'v=([7-9]|[1-9][0-9])\.')";
            if (std::system(test.c_str()) == 0) return name;
        }
        return "";
    }

    const std::string password_;
    const ScratchDirectory scratch_;
    const std::string port_ = free_port();
    std::optional<Program> program_;
};

}  // namespace lab::test
