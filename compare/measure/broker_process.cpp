#include "compare/measure/broker_process.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <stdexcept>
#include <system_error>

#include "common/address.hpp"
#include "common/check.hpp"
#include "common/number.hpp"
#include "common/resp.hpp"
#include "common/socket.hpp"

namespace compare {
namespace {

// A free port may be taken before the broker takes it.
constexpr int kTries = 10;
constexpr int kMaxAnswer = 10'000;  // milliseconds

std::string free_port() {
    const lab::FileDescriptor listener = lab::listen_on("127.0.0.1", "0");
    const std::string address = lab::local_address(listener.number());
    return address.substr(address.rfind(':') + 1);
}

// The first of the names that is a program here.
std::unique_ptr<Process> start_broker(const std::string& port) {
    for (const char* const name : {"redis-server", "valkey-server"}) {
        try {
            return std::make_unique<Process>(
                std::vector<std::string>{name, "--port", port, "--bind", "127.0.0.1", "--save", "",
                                         "--appendonly", "no", "--dir", "/tmp"});
        } catch (const std::system_error& error) {
            if (error.code() != std::errc::no_such_file_or_directory) throw;
        }
    }
    throw std::runtime_error(
        "a broker is missing here: redis-server or valkey-server (Debian: redis-server)");
}

// The number behind `name` in the answer to INFO.
std::uint64_t count_of(const std::string& info, const std::string& name) {
    const std::size_t at = info.find(name + ":");
    if (at == std::string::npos) throw std::runtime_error("the broker does not tell its " + name);
    const std::size_t begin = at + name.size() + 1;
    const auto digits = std::string_view(info).substr(begin, info.find('\r', begin) - begin);
    return lab::number_in<std::uint64_t>(digits).value_or(0);
}

}  // namespace

BrokerProcess::BrokerProcess() {
    std::string last;
    for (int i = 0; i < kTries && connection_.number() < 0; ++i) {
        port_ = free_port();
        process_ = start_broker(port_);
        while (const auto line = process_->next_line()) {
            last = *line;
            if (last.find("Ready to accept connections") == std::string::npos) continue;
            connection_ = lab::connect_to("127.0.0.1", port_);
            break;
        }
    }
    if (connection_.number() < 0) throw std::runtime_error("the broker does not start: " + last);
}

BrokerTraffic BrokerProcess::traffic() {
    // The broker has counted the question already, and not yet its answer.
    const std::uint64_t answers = ours_.sent;
    const std::string info = ask("INFO stats\r\n");
    return {.received = count_of(info, "total_net_input_bytes") - ours_.received,
            .sent = count_of(info, "total_net_output_bytes") - answers};
}

std::string BrokerProcess::ask(const std::string& command) {
    lab::check("send", send(connection_.number(), command.data(), command.size(), 0));
    ours_.received += command.size();
    lab::RespParser parser({});
    for (std::array<char, 4096> buffer;;) {
        pollfd socket{connection_.number(), POLLIN, 0};
        const bool waits = poll(&socket, 1, kMaxAnswer) == 0;
        const ssize_t count = waits ? 0 : recv(socket.fd, buffer.data(), buffer.size(), 0);
        if (count <= 0) throw std::runtime_error("the broker gives no answer");
        ours_.sent += static_cast<std::size_t>(count);
        std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
        const auto result = parser.parse(bytes);
        if (result == lab::RespParser::Result::value) return parser.value().text;
        if (result == lab::RespParser::Result::bad) throw std::runtime_error(parser.error());
    }
}

}  // namespace compare
