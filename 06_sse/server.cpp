// The server: what it answers to whom, on the HTTP of common/.
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "06_sse/page_files.hpp"
#include "06_sse/programs.hpp"
#include "06_sse/publication.hpp"
#include "06_sse/streams.hpp"
#include "common/broker/broker.hpp"
#include "common/http/page.hpp"
#include "common/http/response.hpp"
#include "common/http/server.hpp"

namespace sse {
namespace {

constexpr std::size_t kMaxStreamName = 64;
constexpr std::chrono::milliseconds kRetryElsewhere{250};
// What a page of an allowed origin may send besides what every form may.
constexpr const char* kFieldsFromElsewhere = "Content-Type, Last-Event-ID";

class Server : public http::Application, public lab::RoomListener {
 public:
    explicit Server(const ServerOptions& options);

    void handle(http::Connection& connection, const http::Request& request) override;
    void gone(http::Connection& connection) override { owed_.gone(connection); }
    bool after_round() override;
    [[nodiscard]] std::optional<Clock::time_point> next_deadline() const override;
    void go_away() override;
    void watch(lab::DescriptorSet& descriptors) override;
    void ready() override { broker_->proceed(); }

 private:
    void new_room(const std::string& epoch) override { feed_.restart(epoch); }
    void entry(std::uint64_t id, const lab::EntryFields& fields) override;
    void lost_up_to(std::uint64_t last) override { feed_.skip_to(last); }
    void broker_changed(bool) override {}
    [[nodiscard]] std::optional<http::Refusal> check(const http::Request& request) const;
    void open_stream(http::Connection& connection, const http::Request& request);
    void publish(http::Connection& connection, const http::Request& request);
    void add_to_room(http::Connection& connection, const Publication& publication,
                     const std::vector<http::Field>& more);
    http::Response drop(const http::Request& request);

    const ServerOptions options_;
    Feed feed_;
    Streams streams_;
    std::optional<Clock::time_point> next_ping_;  // while there are streams
    std::optional<lab::Broker> broker_;           // if the room is shared
    http::Owed owed_;                             // those who publish, until the broker answers
    bool leaving_ = false;                        // nothing more is published
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

http::Response with_fields(http::Response response, const std::vector<http::Field>& more) {
    response.fields.insert(response.fields.end(), more.begin(), more.end());
    return response;
}

// The answer to one whose event is in the room, or is not, or perhaps is.
http::Response answer_of(lab::Broker::Added added, const std::string& id) {
    switch (added) {
        case lab::Broker::Added::yes:
            return plain(202, id);
        case lab::Broker::Added::no:
            return http::refusal_response(
                {503,
                 "the broker is not there, or takes nothing: not published",
                 {{"Retry-After", "1"}}});
        default:
            return http::refusal_response(
                {504, "the broker is gone: it is not known whether it has the event", {}});
    }
}

bool is_stream_name(const std::string& name) {
    return !name.empty() && name.size() <= kMaxStreamName;
}

Server::Server(const ServerOptions& options)
    : options_(options), feed_(options.history), streams_(feed_, options.queue, options.retry) {
    if (!options.broker) return;
    broker_.emplace(lab::Broker::Options{.address = *options.broker,
                                         .trace = options.http.trace,
                                         .history = options.history.events},
                    *this);
    broker_->start();
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
    if (path == "/publish") return publish(connection, request);
    connection.respond(with_fields(drop(request), http::cross_origin_fields(request.head)));
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

void Server::publish(http::Connection& connection, const http::Request& request) {
    const std::vector<http::Field> more = http::cross_origin_fields(request.head);
    const auto wanted = parse_publication(request);
    if (const auto* const fault = std::get_if<http::Refusal>(&wanted))
        return connection.respond(with_fields(http::refusal_response(*fault), more));
    const auto& publication = std::get<Publication>(wanted);
    if (broker_) return add_to_room(connection, publication, more);
    const auto id = feed_.publish(publication.type, publication.data);
    connection.respond(with_fields(plain(202, std::to_string(id)), more));
}

// The answer is owed until the broker has the event: then every server of the room will show it.
void Server::add_to_room(http::Connection& connection, const Publication& publication,
                         const std::vector<http::Field>& more) {
    const auto number = owed_.add(connection);
    const auto done = [this, number, more](lab::Broker::Added added, std::uint64_t id) {
        if (http::Connection* const owed = owed_.take(number))
            owed->respond(with_fields(answer_of(added, feed_.id_of(id)), more));
    };
    if (leaving_ || !broker_->add(to_entry(publication), "", done)) done(lab::Broker::Added::no, 0);
}

void Server::entry(std::uint64_t id, const lab::EntryFields& fields) {
    const auto publication = parse_entry(fields);
    if (!publication) return feed_.skip_to(id);
    feed_.publish(publication->type, publication->data);
}

http::Response Server::drop(const http::Request& request) {
    const auto name = request.target.argument("stream");
    if (!name || !is_stream_name(*name))
        return http::refusal_response({400, "?stream= has 1 to 64 bytes", {}});
    if (streams_.drop(*name) == 0)
        return http::refusal_response({404, "there is no such stream", {}});
    return {.status = 204};
}

bool Server::after_round() {
    if (broker_ && broker_->is_due()) broker_->proceed();
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
    return false;
}

std::optional<http::Application::Clock::time_point> Server::next_deadline() const {
    if (!broker_) return next_ping_;
    return std::min(broker_->deadline(), next_ping_.value_or(Clock::time_point::max()));
}

void Server::go_away() {
    leaving_ = true;
    // Another server of the room is there already.
    if (broker_) feed_.tell_retry(std::min(options_.retry, kRetryElsewhere));
    streams_.end_all();
}

void Server::watch(lab::DescriptorSet& descriptors) {
    if (broker_) broker_->watch(descriptors, static_cast<http::Application*>(this));
}

}  // namespace

void run_server(const ServerOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);
    Server server(options);
    http::run_server(options.http, server);
}

}  // namespace sse
