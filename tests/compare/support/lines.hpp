// A session of the comparison, and a server of the tests' own for it.
#pragma once

#include "common/thread.hpp"
#include "compare/measure/session.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/report.hpp"

namespace lab::test {

/// A session over raw lines whose server is a thread of the test.
struct Lines {
    Listener listener;
    compare::Session session{compare::find_transport("tcp-echo"), {listener.port()}, 10};
    lab::Thread server;

    /// Echoes the first line of one who joins, and goes on with `rest`.
    template <class Rest>
    void join(Rest rest) {
        server = lab::Thread(for_thread([this, rest] {
            Connection client = listener.accept();
            client.send(client.receive_line("it tries whether it is in"));
            rest(client);
        }));
        session.gather(1);
    }
};

}  // namespace lab::test
