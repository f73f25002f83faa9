// 02_threaded_chat under load: those that write much, read late, or leave while much waits for
// them.
#include <doctest/doctest.h>

#include <array>
#include <string>

#include "tests/02_threaded_chat/support/line_chat.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "02_threaded_chat";

// Has `speaker` say more than the kernel's buffers hold for one who does not read; `listener`
// reads. Returns what was said.
std::string say_much(Connection& speaker, Connection& listener) {
    std::string all;
    for (int i = 0; i < 140; ++i) {
        const std::string line = line_of(60'000, static_cast<char>('a' + i % 26));
        speaker.send(line);
        listener.expect(line, "each line goes to all the others");
        all += line;
    }
    return all;
}

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("server goes on when two clients write much and read nothing") {
    // All of it may wait: so the two who read, slowly, are never cut off.
    const Server server(kStep, {"--queue", std::to_string(256 << 20)});
    auto clients = join(server, 4);
    std::string lines;
    while (lines.size() < 32 << 20) lines += line_of(60'000);
    std::array<std::size_t, 2> sent{};
    // The two may be cut off, or made to wait: then try_send returns 0 again and again.
    for (int tries = 0; tries < 3000; ++tries) {
        for (const std::size_t writer : {0U, 1U})
            sent[writer] += clients[writer].try_send(std::string_view(lines).substr(sent[writer]));
        for (const std::size_t reader : {2U, 3U}) clients[reader].try_receive();
    }
    clients[2].send("still there?\n");
    // Lines that the two have said before may come first, and more of it later.
    std::string heard;
    while (heard.find("still there?\n") == std::string::npos) {
        clients[2].try_receive();
        if (!clients[3].wait_for_bytes(kDeadline)) {
            fail("the third client's line reaches the fourth", all_the_time("nothing"),
                 "a thread that waits in send reads no input: two such peers wait for ever");
        }
        heard += clients[3].try_receive();
    }
}

TEST_CASE("server survives a client that has gone before it is answered") {
    Server server(kStep, {"--max-line", "1000"});
    auto clients = join(server, 2);
    Connection rude(server);
    rude.send("here\n");
    for (Connection& client : clients) client.expect("here\n", "each line goes to all the others");
    // Stopped, the server finds all at once when it goes on: a line that is too long, to be
    // answered, the end of the stream and the reset. To send then is EPIPE.
    server.pause();
    rude.send(line_of(2000));
    rude.finish();
    rude.reset();
    server.send_signal(SIGCONT);
    for (int i = 0; i < 20; ++i) {
        clients[0].send("still there?\n");
        clients[1].expect("still there?\n", "ignore SIGPIPE: by default it ends the program");
    }
    server.expect_clean_end();
}

TEST_CASE("a client that reads late gets every line in order") {
    const Server server(kStep, {"--queue", std::to_string(64 << 20)});
    auto clients = join(server, 2);
    Connection late(server);
    late.send("here\n");
    for (Connection& client : clients) client.expect("here\n", "each line goes to all the others");
    const std::string all = say_much(clients[0], clients[1]);
    late.expect(all,
                "keep the bytes that a socket does not take, and poll it for POLLOUT although "
                "nobody says anything more");
}

TEST_CASE("a client that ends its stream still gets everything queued for it") {
    const Server server(kStep, {"--queue", std::to_string(64 << 20)});
    auto clients = join(server, 2);
    Connection late(server);
    late.send("here\n");
    for (Connection& client : clients) client.expect("here\n", "each line goes to all the others");
    const std::string all = say_much(clients[0], clients[1]);
    // Once the others have heard one more line, all of these are queued, or sent, for all.
    clients[0].send("one more\n");
    clients[1].expect("one more\n", "each line goes to all the others");
    late.finish();
    const std::string hint = "before you close, send what is queued for the client";
    late.expect(all, hint);
    late.receive_to_end(hint);
}

TEST_SUITE_END();
