// Command lines, addresses and ports: what a test starts, and where.
#pragma once

#include <string>
#include <vector>

namespace lab::test {

/// Where the program of a step is: in the directory LAB_BIN, or else in this build's bin/.
std::string path_of(const std::string& step);

/// The command with our program in place of the one in LAB_BIN if it starts the other half of what
/// is graded: where LAB_ROLE is `client`, a server, and the other way round. A fault of a server is
/// then not shown as one of the client that talks to it.
std::vector<std::string> with_our_other_half(std::vector<std::string> command);

/// `STEP server --port 0` and `options`.
std::vector<std::string> server_command(const std::string& step,
                                        const std::vector<std::string>& options = {});

/// `STEP client`, for the server at `port` of this machine, and `options`.
std::vector<std::string> client_command(const std::string& step, const std::string& port,
                                        const std::vector<std::string>& options = {});

/// `STEP client URL` and `options`, where a step's address is a URL.
std::vector<std::string> url_client_command(const std::string& step, const std::string& url,
                                            const std::vector<std::string>& options = {});

/// `command`, started without the standard descriptors `closed`, as `<&- 2>&-` does in a shell.
std::vector<std::string> without_descriptors(const std::vector<int>& closed,
                                             const std::vector<std::string>& command);

/// The program `name` of the course notes, in Python or JavaScript, as tests/course_notes/ has it
/// but for the address. Its first word is empty if there is no Python, or no Node with the package
/// ws.
std::vector<std::string> course_notes_command(const std::string& name, const std::string& port);

/// The page or script `name` of the course notes for a browser, as tests/course_notes/ has it but
/// for the port, which is 8000 there and may be taken here.
std::string course_notes_text(const std::string& name, const std::string& port);

/// The program `name` in tests/interop/, for Python with the package websockets. Its first word is
/// empty if there is none.
std::vector<std::string> python_websockets_command(const std::string& name);

/// The program `name` in tests/interop/, which needs no packages, for Python, or for Node if it
/// ends with .mjs. Its first word is empty if there is none.
std::vector<std::string> interop_command(const std::string& name);

/// curl, which prints what comes as it comes, with `words` behind it. Its first word is empty if
/// there is none.
std::vector<std::string> curl_command(const std::vector<std::string>& words);

/// The file that tells nginx how to pass the chat of 05 on.
std::string nginx_configuration();

/// The addresses of this machine that `name` stands for and it has, in the order in which
/// getaddrinfo(3) tells them to a client.
std::vector<std::string> addresses_of(const std::string& name);

/// Whether this machine has the numeric `address`, so that a socket can be bound to it.
bool has_address(const std::string& address);

/// Whether this machine has IPv6, at least ::1; if not, says that the case is skipped.
bool has_ipv6();

/// A TCP port that was free just now, also for a program without SO_REUSEADDR, and one that the
/// kernel gives to nobody who does not ask for it: for programs that cannot take --port 0, and for
/// a port where nobody listens. Any thread may call it.
std::string free_port();

}  // namespace lab::test
