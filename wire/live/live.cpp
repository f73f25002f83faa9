#include "wire/live/live.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <map>
#include <vector>

#include "06_sse/feed.hpp"
#include "06_sse/streams.hpp"
#include "common/check.hpp"
#include "common/file_descriptor.hpp"
#include "common/http/page.hpp"
#include "common/http/server.hpp"
#include "common/http/target.hpp"
#include "common/json.hpp"
#include "common/log.hpp"
#include "wire/capture_file/capture_parser.hpp"
#include "wire/page_files.hpp"
#include "wire/report/words.hpp"

namespace wire {
namespace {

using namespace std::chrono_literals;

// The time between two looks at the end of the file.
constexpr auto kPause = 100ms;
// Bytes that are read between two rounds of the server, which others wait for.
constexpr std::size_t kRound = 256 * 1024;
constexpr std::size_t kMaxClients = 100;
// A browser that lacks more than that does not read.
constexpr std::size_t kQueue = 4 * 1024 * 1024;
constexpr std::size_t kMaxConnections = 4096;  // whose addresses are remembered
constexpr sse::Feed::History kHistory{.events = 300, .bytes = 1024 * 1024};

// Another name could be one that a stranger's page has had turned to this machine.
bool is_this_machine(const std::string& authority) {
    const auto server = http::parse_authority(authority);
    return server &&
           (server->host == "127.0.0.1" || server->host == "localhost" || server->host == "[::1]");
}

std::string page_style() {
    return std::string(report_page_css) + std::string(live_live_css);
}

class LiveServer : public http::Application {
 public:
    explicit LiveServer(const LiveOptions& options)
        : options_(options),
          file_(lab::check(options.file, open(options.file.c_str(), O_RDONLY | O_CLOEXEC))),
          reader_(
              options.filter, [this](const Connection& connection) { remember(connection); },
              [this](const Message& message) { publish(message); }) {}

    void handle(http::Connection& connection, const http::Request& request) override;
    // Every request is answered at once, so nothing is owed to a client that goes.
    void gone(http::Connection&) override {}
    bool after_round() override;
    [[nodiscard]] std::optional<Clock::time_point> next_deadline() const override { return next_; }
    void go_away() override { streams_.end_all(); }

 private:
    [[nodiscard]] bool read_some();
    void remember(const Connection& connection) {
        if (connections_.size() == kMaxConnections) connections_.erase(connections_.begin());
        connections_[connection.number] = connection;
    }
    void publish(const Message& message);

    const LiveOptions options_;
    const lab::FileDescriptor file_;
    CaptureParser parser_;
    Reader reader_;
    bool bad_ = false;  // nothing of the file can be read any more
    std::map<std::uint64_t, Connection> connections_;
    std::optional<Time> begin_;
    sse::Feed feed_{kHistory};
    sse::Streams streams_{feed_, kQueue, 1000ms};
    const std::string style_ = page_style();
    std::optional<Clock::time_point> next_ = Clock::now();
};

void LiveServer::handle(http::Connection& connection, const http::Request& request) {
    if (!is_this_machine(request.target.authority))
        return connection.respond(http::Refusal{403, "this page is for this machine alone", {}});
    if (const auto fault = http::check_origin(request.head, request.target.authority, {}))
        return connection.respond(*fault);
    if (request.head.method != "GET")
        return connection.respond(http::Refusal{405, "allowed here: GET", {{"Allow", "GET"}}});
    if (request.target.path != "/events") {
        const auto file =
            http::page_response({live_live_html, live_live_js, style_}, request.target.path);
        if (file) return connection.respond(*file);
        return connection.respond(http::Refusal{404, "there is nothing at this address", {}});
    }
    const auto ids = request.head.values("Last-Event-ID");
    // Without an id: from the first message on that is still kept.
    const std::string last = ids.empty() || ids[0].empty() ? "0" : std::string(ids[0]);
    connection.respond({200, {{"Cache-Control", "no-store"}}, "text/event-stream", ""},
                       streams_.open(connection, last, ""));
}

bool LiveServer::after_round() {
    if (next_ && Clock::now() >= *next_) {
        const bool more = read_some();
        next_ = bad_ ? std::optional<Clock::time_point>() : Clock::now() + (more ? 0ms : kPause);
    }
    streams_.deliver();
    return false;
}

// Reads on in the file; returns whether there may be more at once.
bool LiveServer::read_some() {
    std::array<char, kRound> buffer{};
    const ssize_t count = read(file_.number(), buffer.data(), buffer.size());
    if (count < 0 && errno != EINTR) lab::check(options_.file, count);
    if (count <= 0) return false;
    std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
    CaptureParser::Result result = CaptureParser::Result::need_more;
    while ((result = parser_.parse(bytes)) == CaptureParser::Result::packet)
        reader_.take(parser_.packet());
    bad_ = result == CaptureParser::Result::bad;
    if (bad_) lab::log("wire: " + options_.file + ": " + parser_.error());
    return true;
}

void LiveServer::publish(const Message& message) {
    const auto found = connections_.find(message.connection);
    if (found == connections_.end()) return;
    if (!begin_) begin_ = message.time;
    std::string json;
    const auto add = [&](const char* name, const std::string& value) {
        json += (json.empty() ? "{\"" : ",\"") + std::string(name) + "\":";
        lab::append_json_string(json, value);
    };
    add("client", words_of(found->second.client));
    add("server", words_of(found->second.server));
    add("sender", message.sender == Side::client ? "client" : "server");
    add("time", seconds(message.time - *begin_));
    add("title", shown(message.title));
    add("text", in_quotes(message.text));
    add("note", message.mark == Mark::none ? "" : shown(message.note));
    add("mark", word_of(message.mark));
    feed_.publish("", json + "}");
}

}  // namespace

void serve_live(const LiveOptions& options) {
    LiveServer server(options);
    http::ServerOptions served{.host = "127.0.0.1", .port = std::to_string(options.port)};
    served.max_clients = kMaxClients;
    http::run_server(served, server);
}

}  // namespace wire
