// Tests of what is measured, and when: with servers that show it.
#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "compare/measure/measurement.hpp"
#include "tests/compare/support/program.hpp"

using namespace lab::test;
using namespace std::chrono_literals;
using compare::Row;

namespace {

// A little chat over `transport`, whose server is in `bin`.
Row row_of(const std::string& transport, const ScratchDirectory& bin, bool brief) {
    compare::Parameters parameters;
    parameters.clients = 3;
    parameters.messages = 4;
    parameters.rate = 100;
    parameters.bin = bin.path();
    parameters.brief = brief;
    parameters.transports = {compare::find_transport(transport)};
    return measure_chats(parameters)[0];
}

// The number behind `name` in `object`.
double number_of(const compare::JsonObject& object, const std::string& name) {
    const std::string text = object.text();
    const std::size_t at = text.find("\"" + name + "\":");
    REQUIRE_MESSAGE(at != std::string::npos, text);
    return std::stod(text.substr(at + name.size() + 3));
}

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("the processor time is that of the one writer's messages alone") {
    // A server that has worked for half a second before it listens.
    const ScratchDirectory bin;
    write_program(bin, "02_threaded_chat",
                  "import os, sys, time\n"
                  "while time.process_time() < 0.5: pass\n"
                  "os.execv('" +
                      path_of("02_threaded_chat") + "', sys.argv)\n");
    const Row row = row_of("lines", bin, true);
    CHECK(row.fault.empty());
    CHECK(number_of(row.work, "server_cpu_seconds") < 0.5);
}

TEST_CASE("when all write, everybody does") {
    // A chat that keeps a letter for each connection that it hears from.
    const ScratchDirectory bin;
    std::string script = "spoken = open('";
    script += bin.file("spoken");
    script +=
        "', 'a')\n"
        "import socket, threading\n"
        "listener = socket.create_server(('127.0.0.1', 0))\n"
        "print('listening on 127.0.0.1:%d' % listener.getsockname()[1], flush=True)\n"
        "clients = []\n"
        "lock = threading.Lock()\n"
        "def send(line, other):\n"
        "    try: other.sendall(line)\n"
        "    except OSError: pass  # it has just left\n"
        "def serve(client):\n"
        "    known = False\n"
        "    for line in client.makefile('rb'):\n"
        "        if not known: print('x', end='', file=spoken, flush=True)\n"
        "        known = True\n"
        "        with lock:\n"
        "            for other in clients:\n"
        "                if other is not client: send(line, other)\n"
        "    with lock: clients.remove(client)\n"
        "while True:\n"
        "    client = listener.accept()[0]\n"
        "    with lock: clients.append(client)\n"
        "    threading.Thread(target=serve, args=[client], daemon=True).start()\n";
    write_program(bin, "02_threaded_chat", script);
    const Row row = row_of("lines", bin, false);
    CHECK_MESSAGE(row.fault.empty(), row.fault);
    CHECK_MESSAGE(content_of(bin.file("spoken")) == "xxxx", "one writer and three readers");
}

TEST_CASE("a request while nobody speaks counts with its answer") {
    // An answer takes 160 ms, the watching 2500 ms, and every 430 ms it is asked for again: so at
    // the end of the watching one is under way.
    const ScratchDirectory bin;
    write_program(
        bin, "07_longpoll",
        "import socket, threading\n"
        "listener = socket.create_server(('127.0.0.1', 0))\n"
        "print('listening on 127.0.0.1:%d' % listener.getsockname()[1], flush=True)\n"
        "body = b'{\"messages\":[],\"last\":0,\"gap\":false,\"epoch\":\"e\"}'\n"
        "answer = b'HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n' % len(body) + body\n"
        "def serve(client):\n"
        "    while client.recv(65536):\n"
        "        threading.Timer(0.16, client.sendall, [answer]).start()\n"
        "while True:\n"
        "    threading.Thread(target=serve, args=[listener.accept()[0]], daemon=True).start()\n");
    compare::Parameters parameters;
    parameters.clients = 1;
    parameters.bin = bin.path();
    std::vector<Row> rows{{.transport = compare::find_transport("ajax-430")}};
    measure_idleness(parameters, rows);
    CHECK_MESSAGE(rows[0].fault.empty(), rows[0].fault);
    // JSON has six digits.
    CHECK(number_of(rows[0].idle, "messages_a_minute") ==
          doctest::Approx(2 * 60 / 0.43).epsilon(1e-5));
}

TEST_SUITE_END();
