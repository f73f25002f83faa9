// The command line of a program: NAME server [--host ADDRESS] [--port N], NAME client URL [--name
// NAME].
#pragma once
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

struct Options {
    std::string port;          // decimal digits
    std::string target = "/";  // of the URL: the path and the query
    std::string name = {};     // a program whose default is empty takes no --name
    std::string host = "127.0.0.1";
    std::string role = {};  // server or client
};

// Writes the usage line, and ends the program with status 2.
[[noreturn]] inline void bad_usage(const std::string& program, const std::string& scheme,
                                   bool has_name) {
    std::cerr << "usage: " << program << " server [--host ADDRESS] [--port N]\n       " << program
              << " client " << scheme << "HOST:PORT/PATH" << (has_name ? " [--name NAME]\n" : "\n");
    std::exit(2);
}

// Fills `options` from "http://HOST:PORT/TARGET". Without a port it is 80; without a target, as it
// was.
inline void parse_url(const std::string& url, const std::string& scheme, Options& options) {
    const std::size_t begin = scheme.size();
    const std::size_t slash = std::min(url.find('/', begin), url.size());
    const std::size_t colon = std::min(url.find(':', begin), slash);
    options.host = url.substr(begin, colon - begin);
    options.port = colon < slash ? url.substr(colon + 1, slash - colon - 1) : "80";
    if (slash < url.size()) options.target = url.substr(slash);
}

// The options of the command line over their defaults. The client's URL begins with `scheme`,
// "ws://".
inline Options parse_options(int argc, char** argv, const std::string& scheme, Options options) {
    const std::string path = argv[0];
    const std::string program = path.substr(path.rfind('/') + 1);
    const bool has_name = !options.name.empty();
    const std::string url = argc > 2 ? argv[2] : "";
    if (argc > 1) options.role = argv[1];
    const bool is_client = options.role == "client" && url.starts_with(scheme);
    if (!is_client && options.role != "server") bad_usage(program, scheme, has_name);
    if (is_client) parse_url(url, scheme, options);
    for (int i = is_client ? 3 : 2; i < argc; i += 2) {
        const std::string_view name = argv[i];
        if (i + 1 == argc)
            bad_usage(program, scheme, has_name);
        else if (name == "--host" && !is_client)
            options.host = argv[i + 1];
        else if (name == "--port" && !is_client)
            options.port = argv[i + 1];
        else if (name == "--name" && is_client && has_name)
            options.name = argv[i + 1];
        else
            bad_usage(program, scheme, has_name);
    }
    return options;
}
