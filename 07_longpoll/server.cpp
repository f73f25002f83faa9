// The server of the chat. A request that comes before there is news is parked: no thread waits for
// that, only a line in two lists. The sockets are in common/http/server.cpp.
#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "07_longpoll/mailbox.hpp"
#include "07_longpoll/page_files.hpp"
#include "07_longpoll/programs.hpp"
#include "07_longpoll/request.hpp"
#include "07_longpoll/waiting.hpp"
#include "common/broker/broker.hpp"
#include "common/http/page.hpp"
#include "common/http/response.hpp"
#include "common/http/server.hpp"
#include "common/name.hpp"
#include "common/random_hex.hpp"
#include "common/utf8.hpp"

namespace longpoll {
namespace {

using Fields = std::vector<http::Field>;

constexpr std::size_t kEpochDigits = 16;
// What a page of an allowed origin may send besides what every form may.
constexpr const char* kFieldsFromElsewhere = "Content-Type, Idempotency-Key";
constexpr const char* kMethods = "GET, HEAD, POST";

/// The chat. All of it belongs to the thread of the server.
class Chat : public http::Application, public lab::RoomListener {
 public:
    explicit Chat(const ServerOptions& options);

    void handle(http::Connection& connection, const http::Request& request) override;
    void gone(http::Connection& connection) override;
    bool after_round() override;
    [[nodiscard]] std::optional<Clock::time_point> next_deadline() const override;
    void go_away() override;
    void watch(lab::DescriptorSet& descriptors) override;
    void ready() override { broker_->proceed(); }

 private:
    void new_room(const std::string& epoch) override;
    void entry(std::uint64_t id, const lab::EntryFields& entry) override;
    void lost_up_to(std::uint64_t last) override;
    void broker_changed(bool) override {}
    void handle_messages(http::Connection& connection, const http::Request& request);
    void park(http::Connection& connection, const http::Request& request, Fields fields);
    void post(http::Connection& connection, const http::Request& request, const Fields& fields);
    void add_to_room(http::Connection& connection, const Post& post, const std::string& text,
                     const Fields& fields);
    void confirm(http::Connection& connection, Id id, const Fields& fields);
    void answer(const Waiter& waiter);
    void answer_all();

    const std::vector<std::string> allow_origins_;
    // Of another epoch at each start: clients who know other messages under the same ids notice.
    Mailbox mailbox_;
    Waiting waiting_;
    std::optional<lab::Broker> broker_;  // if the room is shared: then the epoch is the room's
    std::optional<http::SharedResponse> shared_;  // what many get in this round
    http::Owed owed_;                             // those who post, until the broker answers
    bool leaving_ = false;                        // nothing more is posted
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
    if (!options.broker) return;
    broker_.emplace(
        lab::Broker::Options{
            .address = *options.broker, .trace = options.http.trace, .history = options.history},
        *this);
    broker_->start();
}

void Chat::gone(http::Connection& connection) {
    waiting_.remove(connection);
    owed_.gone(connection);
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
    Fields fields = http::cross_origin_fields(request.head);
    // There are none if the request says no Origin: then no page has made it.
    if (!fields.empty()) {
        if (const auto fault =
                http::check_origin(request.head, request.target.authority, allow_origins_))
            return connection.respond(*fault);
        if (const auto response =
                http::preflight_response(request.head, kMethods, kFieldsFromElsewhere))
            return connection.respond(*response);
    }
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
    if (broker_) return add_to_room(connection, post, request.body, fields);
    confirm(connection, mailbox_.post(post.name, request.body, post.key), fields);
}

void Chat::confirm(http::Connection& connection, Id id, const Fields& fields) {
    http::Response receipt = response(201, fields);
    receipt.fields.push_back({"Location", mailbox_.location(id)});
    receipt.body = mailbox_.receipt(id);
    connection.respond(receipt);
}

// The answer is owed until the broker has the message: then every server of the room will show it.
void Chat::add_to_room(http::Connection& connection, const Post& post, const std::string& text,
                       const Fields& fields) {
    using Added = lab::Broker::Added;
    const auto number = owed_.add(connection);
    const auto done = [this, number, fields](Added added, std::uint64_t id) {
        http::Connection* const owed = owed_.take(number);
        if (!owed) return;
        if (added == Added::yes) return confirm(*owed, id, fields);
        Fields more = fields;
        more.push_back({"Retry-After", "1"});
        const bool unknown = added == Added::unknown;
        const char* const why =
            unknown ? "the broker is gone: it is not known whether it has the message"
                    : "the broker is not there, or takes nothing: not posted";
        refuse(*owed, {unknown ? 504 : 503, why, {}}, more);
    };
    if (leaving_ || !broker_->add({{"name", post.name}, {"text", text}}, post.key, done))
        done(Added::no, 0);
}

bool Chat::after_round() {
    if (broker_ && broker_->is_due()) broker_->proceed();
    const auto waiter = waiting_.take(mailbox_.last(), Clock::now());
    if (waiter) {
        answer(*waiter);
    } else {
        mailbox_.forget_old();
        // The next answer gets a date of its own.
        shared_.reset();
    }
    return waiter.has_value();
}

void Chat::answer(const Waiter& waiter) {
    const auto body = mailbox_.answer(waiter.question);
    if (!waiter.fields.empty())
        return waiter.connection->respond({response(200, waiter.fields), body});
    if (!shared_ || shared_->body != body) shared_.emplace(response(200), body);
    waiter.connection->respond(*shared_);
}

std::optional<http::Application::Clock::time_point> Chat::next_deadline() const {
    const auto next = waiting_.next_deadline();
    if (!broker_) return next;
    return std::min(broker_->deadline(), next.value_or(Clock::time_point::max()));
}

void Chat::go_away() {
    leaving_ = true;
    answer_all();
}

void Chat::answer_all() {
    while (const auto waiter = waiting_.take_any()) answer(*waiter);
}

void Chat::watch(lab::DescriptorSet& descriptors) {
    if (broker_) broker_->watch(descriptors, static_cast<http::Application*>(this));
}

// --- what the broker tells ----------------------------------------------------------------------

// Those who wait ask again, with the old epoch: the answer to that tells them of the new one.
void Chat::new_room(const std::string& epoch) {
    answer_all();
    mailbox_.restart(epoch, 0);
}

void Chat::lost_up_to(std::uint64_t last) {
    answer_all();
    mailbox_.skip_to(last);
}

// Anybody who may write to the broker may have written it: a message that breaks the rules of a
// request is none.
void Chat::entry(std::uint64_t id, const lab::EntryFields& entry) {
    std::string name, text;
    for (const auto& [field, value] : entry) {
        if (field == "name") name = value;
        if (field == "text") text = value;
    }
    if (!lab::is_name(name) || !lab::is_utf8(text)) return lost_up_to(id);
    mailbox_.post(name, text);
}

}  // namespace

void run_server(const ServerOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);
    Chat chat(options);
    http::run_server(options.http, chat);
}

}  // namespace longpoll
