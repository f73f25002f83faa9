// 04_handshake with others' WebSockets: Node's ws, as the course notes use it, and Python's
// websockets, where they are installed.
#include <doctest/doctest.h>

#include <string>

#include "tests/support/commands.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/program.hpp"
#include "tests/support/server.hpp"
#include "tests/support/variant.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "04_handshake";

std::vector<std::string> client_of(const std::string& port) {
    return {path_of(kStep), "client", "ws://127.0.0.1:" + port + "/chat"};
}

}  // namespace

TEST_SUITE_BEGIN("basic");

TEST_CASE("the course notes' client talks to the server") {
    leave_out_with_another_guid();
    const Server server(kStep);
    const auto command = course_notes_command("ws_client.mjs", server.port());
    if (command[0].empty()) return skip("Node with the package ws", "nodejs node-ws");
    Program client(command);
    client.expect_output("Connected\nНовое сообщение: Привет, сервер!\n",
                         "echo the text message as a text message");
}

TEST_CASE("client talks to the course notes' server") {
    leave_out_with_another_guid();
    const std::string port = free_port();
    const auto command = course_notes_command("ws_server.mjs", port);
    if (command[0].empty()) return skip("Node with the package ws", "nodejs node-ws");
    const Program server(command);
    wait_until_listening(port);
    Program client(client_of(port));
    client.write_input("Привіт\nexit\n");
    client.expect_exit(0, "exit closes the WebSocket, and the server answers");
    expect_bytes("Принято: Привіт\n", client.output(), "print each message on its own line");
}

TEST_SUITE_END();

TEST_SUITE_BEGIN("robust");

TEST_CASE("Python's client gets back all that it sends") {
    leave_out_with_another_guid();
    const Server server(kStep);
    auto command = python_websockets_command("websockets_client.py");
    if (command[0].empty()) return skip("Python's websockets", "python3-websockets");
    command.push_back("ws://127.0.0.1:" + server.port() + "/chat");
    Program client(command);
    client.expect_exit(0, "texts, bytes, fragments, a ping and a close of an ordinary client");
    expect_bytes("all came back\n", client.output(), "see its stderr");
}

TEST_CASE("client answers the pings of Python's server and closes with 1000") {
    leave_out_with_another_guid();
    const auto command = python_websockets_command("websockets_server.py");
    if (command[0].empty()) return skip("Python's websockets", "python3-websockets");
    Server server(command);
    Program client(client_of(server.port()));
    client.write_input("Привіт 👋\n\n");
    client.expect_output("Привіт 👋\n\n", "answer pings; an empty line is an empty message");
    client.write_input("exit\n");
    client.expect_exit(0, "the server answers the close frame with its own");
    server.expect_output("closed: 1000\n", "leave with a close frame with code 1000");
}

TEST_SUITE_END();
