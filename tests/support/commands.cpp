#include "tests/support/commands.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <system_error>

#include "common/address.hpp"
#include "common/file_descriptor.hpp"
#include "common/socket.hpp"
#include "tests/support/report.hpp"

namespace lab::test {
namespace {

// Fails without Python; also where there is only Debian's python3-minimal, without most modules. To
// look for a module takes a quarter of the time that it takes to load it.
constexpr const char* kWholePython =
    "python3 -c 'import importlib.util; exit(not importlib.util.find_spec(\"asyncio\"))' "
    "2>/dev/null";

std::string text_of_file(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

// Replaces the first `from` in `text`, if there is one.
void replace(std::string& text, const std::string& from, const std::string& to) {
    const std::size_t found = text.find(from);
    if (found != std::string::npos) text.replace(found, from.size(), to);
}

bool can_listen_on(const std::string& host) {
    try {
        lab::listen_on(host, "0");
        return true;
    } catch (const std::system_error&) {
        return false;
    }
}

// Asked without SO_REUSEADDR, as the notes' server asks: a connection of the last minute, in
// TIME_WAIT, keeps the port taken for it.
bool is_free(int port) {
    const lab::FileDescriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// Where our own programs are, and the folder tests/. A kit of `lab kit` stands elsewhere than where
// it was built: LAB_HOME names its folder.
std::string our_folder(const char* in_kit, const char* usual) {
    const char* const home = std::getenv("LAB_HOME");
    return home && *home ? std::string(home) + in_kit : usual;
}
std::string our_programs() {
    return our_folder("/build/bin", LAB_DEFAULT_BIN);
}
std::string our_tests() {
    return our_folder("/tests", LAB_TESTS);
}

}  // namespace

std::string path_of(const std::string& step) {
    const char* const directory = std::getenv("LAB_BIN");
    return (directory && *directory ? directory : our_programs()) + "/" + step;
}

std::vector<std::string> with_our_other_half(std::vector<std::string> command) {
    const char* const graded = std::getenv("LAB_ROLE");
    if (!graded || command.size() < 2 || (command[1] != "server" && command[1] != "client"))
        return command;
    const std::string step = command[0].substr(command[0].rfind('/') + 1);
    if (command[1] == graded || command[0] != path_of(step)) return command;
    command[0] = our_programs() + "/" + step;
    // Our server speaks to the client of a student, and the variant may have a GUID of its own.
    if (const char* const guid = std::getenv("LAB_GUID"); guid && command[1] == "server")
        command.insert(command.end(), {"--guid", guid});
    // The recording also holds the bytes that our program sends to the graded one.
    static std::atomic<int> recorded = 0;
    if (const char* const file = std::getenv("LAB_CAPTURE"))
        command.insert(command.end(),
                       {"--capture", file + std::string(".") + std::to_string(++recorded)});
    return command;
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

std::vector<std::string> url_client_command(const std::string& step, const std::string& url,
                                            const std::vector<std::string>& options) {
    std::vector<std::string> command{path_of(step), "client", url};
    command.insert(command.end(), options.begin(), options.end());
    return command;
}

std::vector<std::string> without_descriptors(const std::vector<int>& closed,
                                             const std::vector<std::string>& command) {
    std::string script = "exec \"$0\" \"$@\"";
    for (const int number : closed) script.append(" ").append(std::to_string(number)).append(">&-");
    std::vector<std::string> words{"sh", "-c", script};
    words.insert(words.end(), command.begin(), command.end());
    return words;
}

std::vector<std::string> course_notes_command(const std::string& name, const std::string& port) {
    std::string source = text_of_file(our_tests() + "/course_notes/" + name);
    if (name.ends_with(".py")) {
        if (std::system(kWholePython) != 0) return {""};
        replace(source, "PORT = 12345", "PORT = " + port);
        return {"env", "PYTHONUTF8=1", "python3", "-u", "-c", source};
    }
    // Node looks for packages beside the current directory: in LAB_NODE Debian's are linked.
    const std::string node = "cd '" LAB_NODE "' && exec node --input-type=module -e \"$1\"";
    if (std::system("cd '" LAB_NODE "' && node --input-type=module -e 'import \"ws\"' 2>/dev/null"))
        return {""};
    replace(source, "port: 8080", "host: '127.0.0.1', port: " + port);
    replace(source, "wss://server.com", "ws://127.0.0.1:" + port);
    return {"sh", "-c", node, "sh", source};
}

std::string course_notes_text(const std::string& name, const std::string& port) {
    std::string text = text_of_file(our_tests() + "/course_notes/" + name);
    replace(text, "localhost:8000", "localhost:" + port);
    return text;
}

std::vector<std::string> python_websockets_command(const std::string& name) {
    // Debian's package is for Debian's Python, which may not be the first in PATH.
    for (const std::string python : {"/usr/bin/python3", "python3"}) {
        if (std::system((python + " -c 'import websockets' 2>/dev/null").c_str()) == 0)
            return {"env", "PYTHONUTF8=1", python, "-u", our_tests() + "/interop/" + name};
    }
    return {""};
}

std::vector<std::string> interop_command(const std::string& name) {
    const bool is_node = name.ends_with(".mjs");
    if (std::system(is_node ? "node -e 'fetch' 2>/dev/null" : kWholePython) != 0) return {""};
    if (is_node) return {"node", our_tests() + "/interop/" + name};
    return {"env", "PYTHONUTF8=1", "python3", "-u", our_tests() + "/interop/" + name};
}

std::vector<std::string> curl_command(const std::vector<std::string>& words) {
    if (std::system("command -v curl >/dev/null") != 0) return {""};
    std::vector<std::string> command{"curl",        "--silent",  "--show-error",
                                     "--no-buffer", "--noproxy", "*"};
    command.insert(command.end(), words.begin(), words.end());
    return command;
}

std::string nginx_configuration() {
    return our_tests() + "/../05_ws_chat/nginx.conf";
}

bool has_ipv6() {
    if (can_listen_on("::1")) return true;
    skip("IPv6");
    return false;
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
        // /etc/hosts may say ::1 for localhost although the kernel has no IPv6.
        if (can_listen_on(host.data())) found.emplace_back(host.data());
    }
    freeaddrinfo(addresses);
    return found;
}

bool has_address(const std::string& address) {
    try {
        lab::listen_on(address, "0");
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

std::string free_port() {
    std::random_device random;
    // Below what the kernel takes for --port 0 and for clients, in this suite and in others.
    std::uniform_int_distribution<int> any(20'000, 32'000);
    int port = any(random);
    while (!is_free(port)) port = any(random);
    return std::to_string(port);
}

}  // namespace lab::test
