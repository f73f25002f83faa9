// The server: what it answers to whom, on the HTTP of common/.
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "06_sse/page_files.hpp"
#include "06_sse/programs.hpp"
#include "06_sse/publication.hpp"
#include "06_sse/streams.hpp"
#include "common/http/origin.hpp"
#include "common/http/page.hpp"
#include "common/http/response.hpp"

namespace sse {
namespace {

constexpr std::size_t kMaxStreamName = 64;
// What a page of an allowed origin may send besides what every form may.
constexpr const char* kFieldsFromElsewhere = "Content-Type, Last-Event-ID";

class Server : public http::Application {
 public:
    explicit Server(const ServerOptions& options)
        : options_(options),
          feed_(options.history),
          streams_(feed_, options.queue, options.retry) {}

    void handle(http::Connection& connection, const http::Request& request) override;
    // Every request is answered at once, so nothing is owed to a client that goes.
    void gone(http::Connection&) override {}
    void after_round() override;
    [[nodiscard]] std::optional<Clock::time_point> next_deadline() const override {
        return next_ping_;
    }
    void go_away() override { streams_.end_all(); }

 private:
    [[nodiscard]] std::optional<http::Refusal> check(const http::Request& request) const;
    void open_stream(http::Connection& connection, const http::Request& request);
    http::Response publish(const http::Request& request);
    http::Response drop(const http::Request& request);

    const ServerOptions options_;
    Feed feed_;
    Streams streams_;
    std::optional<Clock::time_point> next_ping_;  // while there are streams
};

std::optional<http::Response> page(const std::string& path) {
    return http::page_response({page_html, page_js, page_css}, path);
}

bool is_for_programs(const std::string& path) {
    return path == "/events" || path == "/publish" || path == "/drop";
}

bool is_posted_to(const std::string& path) {
    return path == "/publish" || path == "/drop";
}

std::string methods_of(const std::string& path) {
    return is_posted_to(path) ? "POST" : "GET, HEAD";
}

http::Response plain(int status, const std::string& line) {
    return {status,
            {{"X-Content-Type-Options", "nosniff"}, {"Cache-Control", "no-store"}},
            "text/plain; charset=utf-8",
            line + "\n"};
}

// The first field that says something goes before the argument of a client that cannot set fields.
std::optional<std::string> last_event_id_of(const http::Request& request) {
    for (const std::string_view id : request.head.values("Last-Event-ID"))
        if (!id.empty()) return std::string(id);
    return request.target.argument("last_event_id");
}

bool is_stream_name(const std::string& name) {
    return !name.empty() && name.size() <= kMaxStreamName;
}

std::optional<http::Refusal> Server::check(const http::Request& request) const {
    const std::string& path = request.target.path;
    // OPTIONS may ask for the server as a whole.
    const bool is_server = path == "*";
    if (!is_server && !is_for_programs(path) && !page(path))
        return http::Refusal{404, "there is nothing at this address", http::security_fields()};
    if (request.head.method != (is_posted_to(path) ? "POST" : "GET")) {
        const std::string allowed = is_server ? "GET, HEAD, POST" : methods_of(path);
        return http::Refusal{405, "allowed here: " + allowed, {{"Allow", allowed}}};
    }
    return std::nullopt;
}

void Server::handle(http::Connection& connection, const http::Request& request) {
    const std::string& path = request.target.path;
    if (is_for_programs(path)) {
        if (const auto fault =
                http::check_origin(request.head, request.target.authority, options_.allow_origins))
            return connection.respond(*fault);
        if (const auto response =
                http::preflight_response(request.head, methods_of(path), kFieldsFromElsewhere))
            return connection.respond(*response);
    }
    if (const auto fault = check(request)) return connection.respond(*fault);
    if (path == "/events") return open_stream(connection, request);
    if (const auto file = page(path)) return connection.respond(*file);
    http::Response response = path == "/publish" ? publish(request) : drop(request);
    for (auto& field : http::cross_origin_fields(request.head))
        response.fields.push_back(std::move(field));
    connection.respond(response);
}

void Server::open_stream(http::Connection& connection, const http::Request& request) {
    std::vector<http::Field> fields = http::cross_origin_fields(request.head);
    const auto name = request.target.argument("stream");
    if (name && !is_stream_name(*name))
        return connection.respond({400, "the name of a stream has 1 to 64 bytes", fields});
    // No cache and no proxy may keep what is to be seen at once.
    fields.push_back({"Cache-Control", "no-store"});
    fields.push_back({"X-Accel-Buffering", "no"});
    fields.push_back({"X-Content-Type-Options", "nosniff"});
    connection.respond({200, fields, "text/event-stream", ""},
                       streams_.open(connection, last_event_id_of(request), name.value_or(""),
                                     request.target.argument("heartbeat").has_value()));
}

http::Response Server::publish(const http::Request& request) {
    const auto wanted = parse_publication(request);
    if (const auto* const fault = std::get_if<http::Refusal>(&wanted))
        return http::refusal_response(*fault);
    const auto& publication = std::get<Publication>(wanted);
    return plain(202, std::to_string(feed_.publish(publication.type, publication.data)));
}

http::Response Server::drop(const http::Request& request) {
    const auto name = request.target.argument("stream");
    if (!name || !is_stream_name(*name))
        return http::refusal_response({400, "?stream= has 1 to 64 bytes", {}});
    if (streams_.drop(*name) == 0)
        return http::refusal_response({404, "there is no such stream", {}});
    return {.status = 204};
}

void Server::after_round() {
    streams_.deliver();
    const auto now = Clock::now();
    if (next_ping_ && now >= *next_ping_) {
        streams_.ping();
        next_ping_ = now + options_.ping;
    }
    if (streams_.empty()) {
        next_ping_.reset();
    } else if (!next_ping_) {
        next_ping_ = now + options_.ping;
    }
}

}  // namespace

void run_server(const ServerOptions& options) {
    Server server(options);
    http::run_server(options.http, server);
}

}  // namespace sse
