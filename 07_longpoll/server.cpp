// The server of the chat. A request that comes before there is news is parked: no thread waits for
// that, only a line in two lists. The sockets are in common/http/server.cpp.
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "07_longpoll/mailbox.hpp"
#include "07_longpoll/page_files.hpp"
#include "07_longpoll/programs.hpp"
#include "07_longpoll/request.hpp"
#include "07_longpoll/waiting.hpp"
#include "common/http/origin.hpp"
#include "common/http/page.hpp"
#include "common/http/response.hpp"
#include "common/random_hex.hpp"

namespace longpoll {
namespace {

using Fields = std::vector<http::Field>;

constexpr std::size_t kEpochDigits = 16;
// What a page of an allowed origin may send besides what every form may.
constexpr const char* kFieldsFromElsewhere = "Content-Type, Idempotency-Key";
constexpr const char* kMethods = "GET, HEAD, POST";

/// The chat. All of it belongs to the thread of the server.
class Chat : public http::Application {
 public:
    explicit Chat(const ServerOptions& options);

    void handle(http::Connection& connection, const http::Request& request) override;
    void gone(http::Connection& connection) override { waiting_.remove(connection); }
    void after_round() override;
    [[nodiscard]] std::optional<Clock::time_point> next_deadline() const override;
    void go_away() override;

 private:
    void handle_messages(http::Connection& connection, const http::Request& request);
    void park(http::Connection& connection, const http::Request& request, Fields fields);
    void post(http::Connection& connection, const http::Request& request, const Fields& fields);
    void answer(const Waiter& waiter);

    const std::vector<std::string> allow_origins_;
    // Of another epoch at each start: clients who know other messages under the same ids notice.
    Mailbox mailbox_;
    Waiting waiting_;
};

// No cache can know what is new. `more` are further fields.
http::Response response(int status, const Fields& more = {}) {
    http::Response response{status, {{"Cache-Control", "no-store"}}, "application/json", ""};
    response.fields.push_back({"X-Content-Type-Options", "nosniff"});
    response.fields.insert(response.fields.end(), more.begin(), more.end());
    return response;
}

void refuse(http::Connection& connection, const http::Refusal& refusal, const Fields& more) {
    connection.respond({refusal.status, refusal.text, response(refusal.status, more).fields});
}

Chat::Chat(const ServerOptions& options)
    : allow_origins_(options.allow_origins),
      mailbox_({.history = options.history, .answer = options.max_answer},
               lab::random_hex(kEpochDigits)) {
}

void Chat::handle(http::Connection& connection, const http::Request& request) {
    if (request.target.path == "/messages") return handle_messages(connection, request);
    // OPTIONS asks for the server as a whole.
    if (request.target.path == "*")
        return refuse(connection, {405, "nothing is told of it", {}}, {{"Allow", kMethods}});
    const auto page = http::page_response({page_html, page_js, page_css}, request.target.path);
    if (!page) return refuse(connection, {404, "there is nothing at this address", {}}, {});
    if (request.head.method == "GET") return connection.respond(*page);
    refuse(connection, {405, "the page can only be read", {}}, {{"Allow", "GET, HEAD"}});
}

void Chat::handle_messages(http::Connection& connection, const http::Request& request) {
    if (const auto fault =
            http::check_origin(request.head, request.target.authority, allow_origins_))
        return connection.respond(*fault);
    if (const auto response =
            http::preflight_response(request.head, kMethods, kFieldsFromElsewhere))
        return connection.respond(*response);
    Fields fields = http::cross_origin_fields(request.head);
    const std::string& method = request.head.method;
    if (method == "GET") return park(connection, request, std::move(fields));
    if (method == "POST") return post(connection, request, fields);
    fields.push_back({"Allow", kMethods});
    refuse(connection, {405, "messages are read with GET and said with POST", {}}, fields);
}

// Also if there is news: it is answered with all that comes in this round.
void Chat::park(http::Connection& connection, const http::Request& request, Fields fields) {
    const auto parsed = parse_ask(request);
    if (const auto* const fault = std::get_if<http::Refusal>(&parsed))
        return refuse(connection, *fault, fields);
    const auto& ask = std::get<Ask>(parsed);
    const Question question = mailbox_.question(ask.after, ask.epoch ? &*ask.epoch : nullptr);
    waiting_.add({&connection, question, std::move(fields)}, Clock::now() + ask.wait);
}

void Chat::post(http::Connection& connection, const http::Request& request, const Fields& fields) {
    const auto parsed = parse_post(request);
    if (const auto* const fault = std::get_if<http::Refusal>(&parsed))
        return refuse(connection, *fault, fields);
    const auto& post = std::get<Post>(parsed);
    const Id id = mailbox_.post(post.name, request.body, post.key);
    http::Response receipt = response(201, fields);
    receipt.fields.push_back({"Location", mailbox_.location(id)});
    receipt.body = mailbox_.receipt(id);
    connection.respond(receipt);
}

void Chat::after_round() {
    const auto now = Clock::now();
    while (const auto waiter = waiting_.take(mailbox_.last(), now)) answer(*waiter);
    mailbox_.forget_old();
}

void Chat::answer(const Waiter& waiter) {
    static const http::Response plain = response(200);
    const auto body = mailbox_.answer(waiter.question);
    if (waiter.fields.empty()) return waiter.connection->respond(plain, body);
    waiter.connection->respond(response(200, waiter.fields), body);
}

std::optional<http::Application::Clock::time_point> Chat::next_deadline() const {
    return waiting_.next_deadline();
}

void Chat::go_away() {
    while (const auto waiter = waiting_.take_any()) answer(*waiter);
}

}  // namespace

void run_server(const ServerOptions& options) {
    Chat chat(options);
    http::run_server(options.http, chat);
}

}  // namespace longpoll
