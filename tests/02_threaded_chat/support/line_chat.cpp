#include "tests/02_threaded_chat/support/line_chat.hpp"

#include <string>
#include <utility>

#include "common/visible.hpp"

namespace lab::test {
namespace {

constexpr int kMaxGreetings = 5;

// Has the second client say `line` until the first one has heard it, and no more than a few times.
// A server may take a moment until it sends to a client that has said nothing: such a client counts
// from when it hears something.
void greet(Connection& first, Connection& second, const std::string& line, Place place) {
    const std::string hint = "each line goes to all the others";
    second.send(line, place);
    std::string last = line;
    for (int i = 2; i <= kMaxGreetings && !first.wait_for_bytes(kDeadline / 8); ++i) {
        last = std::to_string(i) + ": " + line;
        second.send(last, place);
    }
    if (last == line) return first.expect(line, hint, place);
    if (!first.wait_for_bytes(kDeadline)) fail(visible(last), all_the_time("nothing"), hint, place);
    // The first ones may have come too early; those that are heard come in order.
    std::string heard;
    do heard = first.receive_line(hint, place);
    while (heard != last && heard.ends_with(line));
    expect_bytes(last, heard, hint, place);
}

}  // namespace

std::vector<Connection> join(const Server& server, std::size_t count, Place place) {
    std::vector<Connection> clients;
    for (std::size_t i = 0; i < count; ++i) {
        Connection newcomer(server);
        const std::string line = "client " + std::to_string(i) + " is here\n";
        if (i == 1) greet(clients[0], newcomer, line, place);
        if (i > 1) newcomer.send(line, place);
        for (Connection& client : clients)
            if (i > 1) client.expect(line, "each line goes to all the others", place);
        clients.push_back(std::move(newcomer));
    }
    return clients;
}

}  // namespace lab::test
