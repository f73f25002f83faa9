#include "tests/07_longpoll/support/longpoll.hpp"

#include <algorithm>

#include "common/visible.hpp"
#include "tests/support/patience.hpp"

namespace lab::test::longpoll {
namespace {

// Each response in JSON has to have these.
void expect_json(const HttpResponse& response, int status, const std::string& hint, Place place) {
    expect_status(response, status, hint, place);
    const auto expect_field = [&](const std::string& name, const std::string& value,
                                  const std::string& why) {
        if (!response.head.value(name).starts_with(value))
            fail(name + ": " + value, lab::visible(response.head.fields, 400), why, place);
    };
    expect_field("Content-Type", "application/json", "say what it is");
}

// Ids of messages rise one by one, and `last` is the last of them.
void expect_ids(const News& news, const std::string& body, Place place) {
    for (std::size_t i = 1; i < news.messages.size(); ++i) {
        if (news.messages[i].id != news.messages[i - 1].id + 1)
            fail("ids that rise by 1", lab::visible(body, 1000), "none lost, none twice", place);
    }
    if (!news.messages.empty() && news.last != news.messages.back().id) {
        fail("\"last\":" + std::to_string(news.messages.back().id), lab::visible(body, 1000),
             "the client's next request has last as its after", place);
    }
}

}  // namespace

std::string news_request(const std::string& query) {
    return http_request("GET", query.empty() ? "/messages" : "/messages?" + query);
}

std::string post_request(std::string_view text, const std::string& query,
                         const std::string& fields) {
    std::string lines = "Content-Type: text/plain; charset=utf-8\r\n" + fields;
    if (text.empty()) lines += "Content-Length: 0\r\n";
    return http_request("POST", query.empty() ? "/messages" : "/messages?" + query, lines, text);
}

std::string texts_of(const News& news) {
    std::string texts;
    for (const Message& message : news.messages)
        texts.append(texts.empty() ? "" : "|").append(message.text);
    return texts;
}

std::string numbered(const std::string& prefix, std::uint64_t first, std::uint64_t last) {
    std::string texts;
    for (std::uint64_t i = first; i <= last; ++i)
        texts.append(texts.empty() ? "" : "|").append(prefix).append(std::to_string(i));
    return texts;
}

void Caller::ask(const std::string& query, Place place) {
    connection_.send(news_request(query), place);
}

News Caller::news(const std::string& hint, Place place) {
    const HttpResponse response = receive_response(connection_, hint, false, place);
    expect_json(response, 200, hint, place);
    News news = news_in(response.body, hint, place);
    expect_ids(news, response.body, place);
    return news;
}

News Caller::news_of(const std::string& query, const std::string& hint, Place place) {
    ask(query, place);
    return news(hint, place);
}

Receipt Caller::receipt(const std::string& hint, Place place) {
    const HttpResponse response = receive_response(connection_, hint, false, place);
    expect_json(response, 201, hint, place);
    return receipt_in(response.body, hint, place);
}

Receipt Caller::post(std::string_view text, const std::string& query, Place place) {
    connection_.send(post_request(text, query), place);
    return receipt("201 with the id: {\"id\":1,\"epoch\":\"…\"}", place);
}

void Caller::post_numbered(const std::string& prefix, std::uint64_t first, std::uint64_t last,
                           Place place) {
    // A few at a time: a server need not read on while its responses are not taken.
    constexpr std::uint64_t kAtOnce = 50;
    for (std::uint64_t begin = first; begin <= last; begin += kAtOnce) {
        const std::uint64_t end = std::min(last, begin + kAtOnce - 1);
        std::string requests;
        for (std::uint64_t i = begin; i <= end; ++i)
            requests += post_request(prefix + std::to_string(i));
        connection_.send(requests, place);
        for (std::uint64_t i = begin; i <= end; ++i) {
            const std::uint64_t id = receipt("answer each, in their order", place).id;
            if (id != i) fail("id " + std::to_string(i), std::to_string(id), "1, 2, 3 …", place);
        }
    }
}

void Caller::post_much(Place place) {
    const std::string request = post_request(text_of(kLong));
    for (std::uint64_t i = 0; i < kMuch; ++i) {
        connection_.send(request, place);
        receipt("201 with the id", place);
    }
}

void Caller::park(const std::string& query, std::chrono::milliseconds limit,
                  const std::string& hint, Place place) {
    ask(query, place);
    if (!connection_.wait_for_bytes(limit)) return;
    fail("no answer yet to " + query, lab::visible(connection_.try_receive(), 400), hint, place);
}

void settle(const Server& server, Place place) {
    Caller caller(server);
    // The second client to be answered came in a round of the loop that was after the first.
    for (int i = 0; i < 2; ++i)
        caller.news_of("wait=0&after=9007199254740991", "wait=0 is answered at once", place);
}

Caller expect_room(const Server& server, const std::string& hint, Place place) {
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    for (;;) {
        Caller caller(server);
        caller.connection().try_send(http_request("HEAD", "/messages?wait=0"));
        const HttpHead head = receive_head(caller.connection(), hint, place);
        if (head.status() == 200) return caller;
        if (std::chrono::steady_clock::now() > deadline)
            fail("a free place for the next client", head.first_line, hint, place);
        pause_between_looks();
    }
}

void expect_chat(const Server& server, const std::string& hint, Place place) {
    Caller speaker(server);
    const Receipt receipt = speaker.post("hello", "name=Ada", place);
    Caller reader(server);
    const News news = reader.news_of("wait=0&after=" + std::to_string(receipt.id - 1), hint, place);
    if (news.messages.empty() || news.messages[0] != Message{receipt.id, "Ada", "hello"})
        fail("the message that was just posted", texts_of(news), hint, place);
}

}  // namespace lab::test::longpoll
