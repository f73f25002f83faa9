// The program `wire`: reads a capture file, and tells who said what to whom, and what each byte
// means.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <functional>
#include <iostream>
#include <limits>
#include <stdexcept>
#include <string>

#include "common/check.hpp"
#include "common/file_descriptor.hpp"
#include "common/log.hpp"
#include "common/options.hpp"
#include "common/output.hpp"
#include "common/stop_signal.hpp"
#include "wire/capture_file/capture_parser.hpp"
#include "wire/live/live.hpp"
#include "wire/report/html.hpp"
#include "wire/report/svg.hpp"
#include "wire/report/terminal.hpp"
#include "wire/streams/reader.hpp"

namespace {

// Milliseconds between two looks of --follow at the end of a file.
constexpr int kPause = 100;

struct Options {
    std::string file, html, svg;
    std::string title = "Who sent what to whom";
    wire::Filter filter;
    wire::Style style;
    std::int64_t live = -1;  // a port; -1: no live page
    bool follow = false;
    bool fields = false;
};

/// A file that is read from its beginning to its end, or on and on as it grows.
class Input {
 public:
    Input(const std::string& name, bool follow)
        : name_(name),
          follow_(follow),
          file_(name == "-" ? dup(STDIN_FILENO) : open(name.c_str(), O_RDONLY | O_CLOEXEC)) {
        lab::check(name, file_.number());
    }
    /// The next bytes; none at the end of the file, or when SIGINT or SIGTERM has come.
    std::string_view read() {
        for (;;) {
            // Before it waits, the reader shows all that it knows.
            lab::flush_output();
            // Standard input may be a pipe, which has nothing to read for a long time.
            std::array<pollfd, 2> entries{pollfd{stop_.reading_end(), POLLIN, 0},
                                          pollfd{file_.number(), POLLIN, 0}};
            if (poll(entries.data(), entries.size(), -1) < 0 && errno != EINTR)
                lab::check("poll", -1);
            if (stop_.requested()) return {};
            const ssize_t count = ::read(file_.number(), buffer_.data(), buffer_.size());
            if (count > 0) return {buffer_.data(), static_cast<std::size_t>(count)};
            if (count < 0 && errno != EINTR) lab::check(name_, count);
            if (count == 0 && !wait_for_more()) return {};
        }
    }

 private:
    // Returns whether to look again. Nobody tells of a file that grows: poll(2) finds it always
    // readable, so this only waits for a signal or for the end of our reader.
    bool wait_for_more() {
        if (!follow_) return false;
        std::array<pollfd, 2> entries{pollfd{stop_.reading_end(), POLLIN, 0}, lab::output_reader()};
        poll(entries.data(), entries.size(), kPause);
        lab::check_output_reader(entries[1]);
        return !stop_.requested();
    }

    const std::string name_;
    const bool follow_;
    const lab::StopSignal stop_;
    const lab::FileDescriptor file_;
    std::array<char, 64 * 1024> buffer_{};
};

Options parse(int argc, char** argv) {
    Options chosen;
    bool leave_out = false;
    lab::Options options("wire");
    options.word("FILE", chosen.file, "a capture: pcap or pcapng; - is standard input");
    options.text("html", "OUT", chosen.html,
                 "in place of lines, writes a page, - is standard output: each byte explained");
    options.text("svg", "OUT", chosen.svg,
                 "in place of lines, draws a picture of at most 40 messages");
    options.text("title", "TEXT", chosen.title, "of the picture, for those who do not see it");
    options.number("port", "N", chosen.filter.port, 1, 65535, "only connections of this port");
    options.number("connection", "N", chosen.filter.connection, 1,
                   std::numeric_limits<std::int64_t>::max(), "only this one");
    options.flag("fields", chosen.fields, "under each message, what its bytes mean");
    options.flag("packets", chosen.filter.packets,
                 "the packets themselves; those that only acknowledge are left out");
    options.flag("follow", chosen.follow, "reads on as the file grows");
    options.number("live", "PORT", chosen.live, 0, 65535,
                   "in place of lines, serves a page that grows with the file, for this machine");
    options.flag("no-times", leave_out, "leaves out what differs each time: times and ports");
    options.parse(argc, argv);
    if (chosen.file.empty()) options.reject("which file?");
    const bool files = !chosen.html.empty() || !chosen.svg.empty();
    if (chosen.follow && files)
        options.reject("--follow never comes to the end that a page or a picture needs");
    if (chosen.live >= 0 && (files || chosen.follow || leave_out || chosen.file == "-")) {
        options.reject(
            "--live takes a file, and goes with none of --html, --svg, --follow, --no-times");
    }
    chosen.style.times = !leave_out;
    return chosen;
}

void tell_what_is_left_out(const wire::Reader& reader) {
    for (const auto& [reason, count] : reader.passed_over())
        lab::log("wire: passed over " + std::to_string(count) + " × " + reason);
}

using Announce = std::function<void(const wire::Connection&)>;

// Reads the whole input; returns what is wrong with it, nothing if nothing is.
std::string read(const Options& options, const Announce& announce, const wire::Sink& sink) {
    using Result = wire::CaptureParser::Result;
    Input input(options.file, options.follow);
    wire::Reader reader(options.filter, announce, sink);
    wire::CaptureParser parser;
    Result result = Result::need_more;
    while (result != Result::bad) {
        std::string_view bytes = input.read();
        if (bytes.empty()) break;
        while ((result = parser.parse(bytes)) == Result::packet) reader.take(parser.packet());
    }
    if (result != Result::bad) result = parser.finish();
    reader.finish();
    tell_what_is_left_out(reader);
    return result == Result::bad ? options.file + ": " + parser.error() : "";
}

void write(const std::string& name, const std::string& content) {
    if (name == "-") {
        std::cout << content;
        return lab::flush_output();
    }
    std::ofstream file(name);
    file << content << std::flush;
    if (!file) throw std::runtime_error(name + ": cannot be written");
}

std::string show_lines(const Options& options) {
    wire::TerminalReport report(std::cout, options.style, options.fields);
    std::string fault = read(
        options, [&](const wire::Connection& connection) { report.add(connection); },
        [&](const wire::Message& message) { report.add(message); });
    lab::flush_output();
    return fault;
}

std::string write_files(const Options& options) {
    wire::Recording recording(wire::kMaxPageMessages);
    std::string fault = read(
        options, [&](const wire::Connection& connection) { recording.add(connection); },
        [&](wire::Message message) { recording.add(std::move(message)); });
    recording.finish();
    if (!options.html.empty())
        write(options.html, wire::html(recording, options.file, options.style));
    if (!options.svg.empty())
        write(options.svg, wire::svg(recording, options.title, options.style));
    return fault;
}

int run(int argc, char** argv) {
    const Options options = parse(argc, argv);
    if (options.live >= 0) {
        wire::serve_live({options.file, options.filter, static_cast<std::uint16_t>(options.live)});
        return EXIT_SUCCESS;
    }
    const bool files = !options.html.empty() || !options.svg.empty();
    const std::string fault = files ? write_files(options) : show_lines(options);
    if (!fault.empty()) throw std::runtime_error(fault);
    return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
    return lab::run_program("wire", run, argc, argv);
}
