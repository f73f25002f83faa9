#include "tests/support/promises.hpp"

#include "tests/support/commands.hpp"
#include "tests/support/http_peer.hpp"

namespace lab::test {

void expect_bad_usage(const std::string& step,
                      const std::vector<std::vector<std::string>>& command_lines,
                      const std::string& usage, Place place) {
    for (std::vector<std::string> words : command_lines) {
        words.insert(words.begin(), path_of(step));
        Program program(words, Streams::pipes, place);
        program.expect_exit(2, "bad usage: exit 2", kDeadline, place);
        program.expect_error(usage.empty() ? "usage: " + step : usage, "show how it is used",
                             place);
    }
}

void expect_port_taken(const std::string& step, Place place) {
    const Server first(step, {}, place);
    Program second({path_of(step), "server", "--port", first.port()}, Streams::pipes, place);
    second.expect_exit(1, "bind fails with EADDRINUSE: that is an error, exit 1", kDeadline, place);
    if (!tells_of_port_in_use(second.errors()))
        fail("\"Address already in use\" on stderr", second.errors(), "say why: strerror", place);
    if (!second.output().empty())
        fail("nothing on stdout", second.output(), "it does not listen", place);
}

void expect_closed_descriptors_harmless(
    const std::string& step,
    const std::function<std::vector<std::string>(const Server& server)>& client_for,
    const std::string& printed, Place place) {
    const std::string hint =
        "a socket that gets the number 0, 1 or 2 is taken for a standard stream: open /dev/null "
        "for each of them that is closed, before anything else";
    const std::vector<std::vector<int>> cases{{0}, {2}, {0, 2}};
    for (const std::vector<int>& closed : cases) {
        Server server(without_descriptors(closed, server_command(step, {"--trace"})), place);
        std::vector<std::string> command = client_for(server);
        command.emplace_back("--trace");
        Program without_log(without_descriptors({2}, command), Streams::pipes, place);
        without_log.write_input("hello\n", place);
        without_log.end_input();
        without_log.expect_exit(0, hint, kDeadline, place);
        expect_bytes(printed, without_log.output(), hint, place);
        for (const std::vector<int>& without_input : {std::vector{0}, {0, 2}}) {
            Program silent(without_descriptors(without_input, command), Streams::pipes, place);
            silent.expect_exit(0, "a closed input has ended: " + hint, kDeadline, place);
            expect_bytes("", silent.output(), hint, place);
        }
        Program mute(without_descriptors({0, 1, 2}, command), Streams::pipes, place);
        mute.expect_exit(0, hint, kDeadline, place);
        server.expect_clean_end(place);
    }
}

void expect_ignored_interrupt_harmless(const std::string& step, Place place) {
    Server ordinary(step, {}, place);
    std::vector<std::string> command{"sh", "-c", "trap '' INT; exec \"$@\"", "sh"};
    for (const std::string& word : server_command(step)) command.push_back(word);
    Server stubborn(command, place);
    stubborn.send_signal(SIGINT);
    ordinary.send_signal(SIGINT);
    ordinary.expect_exit(0, "SIGINT ends a server", kDeadline, place);
    if (stubborn.ends_within(std::chrono::milliseconds(0))) {
        fail("SIGINT stays ignored, as it was at the start", "the server ended",
             "sigaction tells how a signal is handled: catch none that is SIG_IGN", place);
    }
    stubborn.expect_clean_end(place);
}

void expect_refusal_shown(Listener& listener, Program& client, std::string_view answer,
                          const std::vector<std::string>& words, Place place) {
    Connection server = listener.accept(place);
    receive_request(server, "send a request", place);
    server.send(answer, place);
    server.finish();
    client.expect_exit(1, "a refused client would be refused again: exit 1, no retry", kDeadline,
                       place);
    for (const std::string& word : words)
        client.expect_error(word, "say which refusal it was, and why", place);
}

void expect_idle(const Server& server, Connection& silent, std::chrono::milliseconds span,
                 const std::string& hint, Place place) {
    const double before = server.cpu_seconds();
    if (silent.wait_for_bytes(span)) fail("silence", "bytes", "nobody has said anything", place);
    const double seconds = server.cpu_seconds() - before;
    // On a machine that is busy with other work, a loop without a wait may get a fifth of a
    // processor.
    if (seconds > std::chrono::duration<double>(span).count() / 10) {
        fail("a server that waits takes no processor time",
             std::to_string(seconds) + " s of it in " + std::to_string(span.count()) + " ms", hint,
             place);
    }
}

}  // namespace lab::test
