// 05_ws_chat behind a proxy: nginx, with the configuration that the lesson shows, where it is
// installed.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/program.hpp"
#include "tests/support/scratch_directory.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "05_ws_chat";

void replace(std::string& text, const std::string& from, const std::string& to) {
    const std::size_t found = text.find(from);
    REQUIRE(found != std::string::npos);
    text.replace(found, from.size(), to);
}

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("clients chat through nginx when it is told to let WebSocket through") {
    if (std::system("PATH=$PATH:/usr/sbin nginx -v 2>/dev/null") != 0)
        return skip("nginx", "nginx-light");
    const Server server(kStep);
    const std::string port = free_port();
    const ScratchDirectory scratch;
    std::ifstream original(nginx_configuration());
    std::string text{std::istreambuf_iterator<char>(original), {}};
    // One process: ending it ends all of it.
    replace(text, "daemon off;", "daemon off; master_process off;");
    replace(text, "listen 127.0.0.1:8080", "listen 127.0.0.1:" + port);
    replace(text, "http://127.0.0.1:8000", "http://127.0.0.1:" + server.port());
    const std::string configuration = (scratch.path() / "nginx.conf").string();
    std::ofstream(configuration) << text;
    const Program nginx({"sh", "-c", R"(PATH=$PATH:/usr/sbin exec nginx -p "$1" -c "$2")", "sh",
                         scratch.path().string(), configuration});
    wait_until_listening(port);

    const auto client = [&](const std::string& name) {
        return std::vector<std::string>{path_of(kStep), "client", "ws://127.0.0.1:" + port + "/ws",
                                        "--name", name};
    };
    Program one(client("Ада"));
    one.write_input("Привіт\n");
    one.expect_output("Ада: Привіт\n", "Upgrade and Connection have to be passed on by the proxy");
    Program other(client("Bob"));
    other.write_input("Hello\n");
    one.expect_output("Ада: Привіт\nBob: Hello\n", "the server sends whenever it likes");
    one.write_input("exit\n");
    one.expect_exit(0, "the close goes through too");
}

TEST_SUITE_END();
