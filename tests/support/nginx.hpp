// nginx in front of a server, as it stands in front of most.
#pragma once

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/commands.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/program.hpp"
#include "tests/support/report.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/server.hpp"

namespace lab::test {

/// A running nginx, which passes on what it is asked. Ends when it goes out of scope.
class Nginx {
 public:
    /// Whether there is an nginx on this machine; if not, says that the case is skipped.
    static bool is_there() {
        if (std::system("PATH=$PATH:/usr/sbin nginx -v 2>/dev/null") == 0) return true;
        skip("nginx", "nginx-light");
        return false;
    }

    /// In front of `server`; `directives` say how: "proxy_buffering off;". `protocol` is what its
    /// own clients speak with it: "http2", or by default HTTP/1.1.
    explicit Nginx(const Server& server, const std::string& directives = "",
                   const std::string& protocol = "", Place place = Place::here())
        : Nginx(std::vector<std::string>{server.port()}, directives, protocol, place) {}

    /// In front of servers at these `ports` of this machine, which take turns.
    explicit Nginx(const std::vector<std::string>& ports, const std::string& directives = "",
                   const std::string& protocol = "", Place place = Place::here())
        : nginx_({"sh", "-c", R"(PATH=$PATH:/usr/sbin exec nginx -p "$1" -c "$2")", "sh",
                  scratch_.path().string(), write_configuration(ports, directives, protocol)},
                 Streams::pipes, place) {
        wait_until_listening(port_, place);
    }

    /// Where it listens, on this machine.
    [[nodiscard]] const std::string& port() const { return port_; }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + port_; }

 private:
    // Returns where the configuration is.
    std::string write_configuration(const std::vector<std::string>& ports,
                                    const std::string& directives,
                                    const std::string& protocol) const {
        std::string servers;
        for (const std::string& port : ports) servers += " server 127.0.0.1:" + port + ";";
        std::string path = scratch_.file("nginx.conf");
        // One process: ending it ends all of it.
        std::ofstream(path) << "daemon off; master_process off; pid nginx.pid; error_log stderr;\n"
                               "events { worker_connections 4096; }\n"
                               "http {\n"
                               "    access_log off;\n"
                               "    client_body_temp_path body; proxy_temp_path proxy;\n"
                               "    fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;\n"
                               "    scgi_temp_path scgi;\n"
                               "    upstream servers {"
                            << servers
                            << " }\n"
                               "    server {\n"
                               "        listen 127.0.0.1:"
                            << port_ << " " << protocol
                            << ";\n"
                               "        location / {\n"
                               "            proxy_pass http://"
                            << (ports.size() == 1 ? "127.0.0.1:" + ports[0] : "servers")
                            << ";\n            " << directives << "\n        }\n    }\n}\n";
        return path;
    }

    const ScratchDirectory scratch_;
    const std::string port_ = free_port();
    Program nginx_;
};

}  // namespace lab::test
