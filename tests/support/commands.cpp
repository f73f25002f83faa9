#include "tests/support/commands.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "common/address.hpp"
#include "common/file_descriptor.hpp"
#include "common/socket.hpp"

namespace lab::test {

std::string path_of(const std::string& step) {
    const char* const directory = std::getenv("LAB_BIN");
    return std::string(directory && *directory ? directory : LAB_DEFAULT_BIN) + "/" + step;
}

std::vector<std::string> server_command(const std::string& step,
                                        const std::vector<std::string>& options) {
    std::vector<std::string> command{path_of(step), "server", "--port", "0"};
    command.insert(command.end(), options.begin(), options.end());
    return command;
}

std::vector<std::string> client_command(const std::string& step, const std::string& port,
                                        const std::vector<std::string>& options) {
    std::vector<std::string> command{path_of(step), "client", "--port", port};
    command.insert(command.end(), options.begin(), options.end());
    return command;
}

std::vector<std::string> course_notes_command(const std::string& name, const std::string& port) {
    if (std::system("python3 -c '' 2>/dev/null") != 0) return {""};
    std::ifstream file(LAB_COURSE_NOTES "/" + name);
    std::string source{std::istreambuf_iterator<char>(file), {}};
    const std::string fixed = "PORT = 12345";
    source.replace(source.find(fixed), fixed.size(), "PORT = " + port);
    return {"env", "PYTHONUTF8=1", "python3", "-u", "-c", source};
}

std::vector<std::string> addresses_of(const std::string& name) {
    addrinfo hints{}, *addresses = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    std::vector<std::string> found;
    if (getaddrinfo(name.c_str(), "1", &hints, &addresses) != 0) return found;
    for (const addrinfo* a = addresses; a; a = a->ai_next) {
        std::array<char, NI_MAXHOST> host{};
        getnameinfo(a->ai_addr, a->ai_addrlen, host.data(), host.size(), nullptr, 0,
                    NI_NUMERICHOST);
        found.emplace_back(host.data());
    }
    freeaddrinfo(addresses);
    return found;
}

std::string free_port() {
    const lab::FileDescriptor listener = lab::listen_on("127.0.0.1", "0");
    const std::string address = lab::local_address(listener.number());
    return address.substr(address.rfind(':') + 1);
}

}  // namespace lab::test
