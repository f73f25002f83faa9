#include "01_tcp_echo/programs.hpp"
#include "common/options.hpp"

namespace {

using Program = void (*)(const std::string& host, const std::string& port, const lab::Trace& trace);
using Address = void (lab::Options::*)(std::string& host, std::int64_t& port);

int run(Program program, const std::string& command, Address address, int argc, char** argv) {
    std::string host = "127.0.0.1";
    std::int64_t port = 12345;
    bool trace = false;
    lab::Options options("01_tcp_echo " + command);
    (options.*address)(host, port);
    options.trace(trace);
    options.capture();
    options.parse(argc, argv);
    program(host, std::to_string(port), lab::Trace(trace));
    return EXIT_SUCCESS;
}

int server(int argc, char** argv) {
    return run(tcp_echo::run_server, "server", &lab::Options::own_address, argc, argv);
}
int client(int argc, char** argv) {
    return run(tcp_echo::run_client, "client", &lab::Options::server_address, argc, argv);
}

}  // namespace

int main(int argc, char** argv) {
    return lab::run_program("01_tcp_echo", {{"server", server}, {"client", client}}, argc, argv);
}
