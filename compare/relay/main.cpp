// The program `relay`: a bad network between clients and a server.
#include <cstdint>
#include <cstdlib>
#include <iostream>

#include "common/options.hpp"
#include "common/output.hpp"
#include "common/stop_signal.hpp"
#include "compare/relay/relay.hpp"

namespace {

int run(int argc, char** argv) {
    relay::Options relay;
    relay.log = true;
    std::string to;
    std::int64_t port = 0;
    std::int64_t delay = 0;
    lab::Options options("relay");
    options.text("to", "HOST:PORT", to, "the server");
    options.number("port", "N", port, 0, 65535, "port of 127.0.0.1 to listen on");
    options.number("delay", "MS", delay, 0, relay::kMaxDelay.count(), "one-way delay of the path");
    options.probability("cut", relay.rates.cut, "probability that a connection is cut");
    options.probability("stall", relay.rates.stall,
                        "probability that a connection stands still for a while");
    options.number("seed", "N", relay.rates.seed, 0, UINT32_MAX,
                   "the same seed makes the same accidents");
    options.capture();
    options.parse(argc, argv);
    const std::size_t colon = to.rfind(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == to.size())
        options.reject("--to HOST:PORT says where the server is");
    relay.host = to.substr(0, colon);
    relay.server_port = to.substr(colon + 1);
    relay.port = std::to_string(port);
    relay.delay = std::chrono::milliseconds(delay);
    const lab::StopSignal stop;
    relay::Relay path(relay);
    std::cout << "listening on 127.0.0.1:" << path.port() << '\n';
    lab::flush_output();
    path.run(stop.reading_end());
    return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
    return lab::run_program("relay", run, argc, argv);
}
