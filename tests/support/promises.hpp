// What the programs of several steps promise alike.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/connection.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/program.hpp"
#include "tests/support/report.hpp"
#include "tests/support/server.hpp"

namespace lab::test {

/// Each of `command_lines`, the words behind the program's name, is bad usage: exit status 2, and
/// `usage`, by default `usage: STEP`, on stderr.
void expect_bad_usage(const std::string& step,
                      const std::vector<std::vector<std::string>>& command_lines,
                      const std::string& usage = "", Place place = Place::here());

/// A second server on a port that is taken does not listen: it says so in one line, exit status 1.
void expect_port_taken(const std::string& step, Place place = Place::here());

/// Programs that are started without some of the descriptors 0 to 2 do what they always do, and no
/// more: a server of `step` serves, and a client, started by `client_for` its server, prints
/// `printed` after the input "hello", and nothing if it has no input. Nothing that is meant for the
/// log gets to the other side.
void expect_closed_descriptors_harmless(
    const std::string& step,
    const std::function<std::vector<std::string>(const Server& server)>& client_for,
    const std::string& printed, Place place = Place::here());

/// A server that is started with SIGINT ignored goes on after one, and SIGTERM ends it.
void expect_ignored_interrupt_harmless(const std::string& step, Place place = Place::here());

/// `client` asks the tests' own server at `listener`, which refuses it with `answer`: the client
/// says `words`, each of them, and ends with exit status 1.
void expect_refusal_shown(Listener& listener, Program& client, std::string_view answer,
                          const std::vector<std::string>& words, Place place = Place::here());

/// Nobody says anything for `span`, `silent` least of all, and the server takes hardly any
/// processor time: less than a fifth of it.
void expect_idle(const Server& server, Connection& silent, std::chrono::milliseconds span,
                 const std::string& hint, Place place = Place::here());

}  // namespace lab::test
