// The contract of the server of 07_longpoll: what may be posted, and what comes back of it.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "common/visible.hpp"
#include "tests/07_longpoll/support/longpoll.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::longpoll;

namespace {

std::string times(int count, const std::string& text) {
    std::string all;
    for (int i = 0; i < count; ++i) all += text;
    return all;
}

// A POST with these header lines, which may lack a Content-Type.
std::string post_with(const std::string& fields, const std::string& text = "hello") {
    return http_request("POST", "/messages", fields, text);
}

std::string content_type(const std::string& value) {
    return "Content-Type: " + value + "\r\n";
}

std::string key(const std::string& value) {
    return "Idempotency-Key: " + value + "\r\n";
}

// Nobody has said anything.
void expect_nothing_said(const Server& server, Place place = Place::here()) {
    const News news = Caller(server).news_of("wait=0", "an answer", place);
    if (news.last != 0) fail("no message", texts_of(news), "a refused message is not said", place);
}

// Posts and asks on one connection.
struct Chat {
    const Server server;
    Caller caller{server};
    explicit Chat(const std::vector<std::string>& options = {}) : server(kStep, options) {}

    Receipt post_with_key(const std::string& value, const std::string& text,
                          Place place = Place::here()) {
        caller.connection().send(post_request(text, "", key(value)), place);
        return caller.receipt("a key is 1 to 64 visible ASCII characters", place);
    }
    void expect_texts(const std::string& texts, const std::string& hint,
                      Place place = Place::here()) {
        expect_bytes(texts, texts_of(caller.news_of("wait=0", "at once", place)), hint, place);
    }
};

}  // namespace

TEST_SUITE_BEGIN("basic");

TEST_CASE("a message of quotes and backslashes and line ends comes back as it was") {
    Chat chat;
    for (const std::string text : {R"("quoted" and \back\\slashed\")", "two\nlines\r\nand\ttabs",
                                   "</script><!-- & ' -->", "\\u0041 \\n", "{}[],:"}) {
        const Receipt receipt = chat.caller.post(text);
        const std::string query = "wait=0&after=" + std::to_string(receipt.id - 1);
        expect_bytes(text, texts_of(chat.caller.news_of(query, "JSON escapes \" and \\")),
                     "RFC 8259, 7: quotes, backslashes and control characters are escaped");
    }
}

TEST_CASE("a second POST with the same key gets the same answer and adds nothing") {
    Chat chat;
    const Receipt first = chat.post_with_key("a-1", "one");
    chat.post_with_key("a-2", "two");
    for (int again = 0; again < 3; ++again) {
        const Receipt receipt = chat.post_with_key("a-1", "one");
        CHECK(receipt.id == first.id);
        CHECK(receipt.epoch == first.epoch);
    }
    chat.expect_texts("one|two", "a client that had no answer may safely try again");
    CHECK_MESSAGE(chat.post_with_key("A-1", "three").id == 3, "keys are compared byte by byte");
    CHECK_MESSAGE(chat.caller.post("one").id == 4, "without a key nothing is taken for a repeat");
    chat.expect_texts("one|two|three|one", "each once");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("robust");

TEST_CASE("a second POST with the same key gets the same answer on another connection too") {
    Chat chat;
    const Receipt first = chat.post_with_key("a-1", "one");
    // As after a connection that broke.
    Caller other(chat.server);
    other.connection().send(post_request("one", "", key("a-1")));
    CHECK(other.receipt("the same").id == first.id);
    chat.expect_texts("one", "a client that had no answer may safely try again");
}

TEST_CASE("the answer to a POST says where the message can be fetched") {
    const Server server(kStep);
    for (const std::string text : {"first", "second"}) {
        const HttpResponse posted = expect_status(
            server, http_request("POST", "/messages", "Content-Type: text/plain\r\n", text), 201,
            "201 is for a message that was created");
        const std::string location = posted.head.value("Location");
        if (!location.starts_with('/') && !location.starts_with("http://"))
            fail("Location: /…", lab::visible(posted.head.fields, 300), "RFC 9110, 15.3.2");
        const HttpResponse got =
            expect_status(server, http_request("GET", location), 200, "it is there for GET");
        if (got.body.find('"' + text + '"') == std::string::npos)
            fail(text, lab::visible(got.body, 300), "it is what was posted");
    }
}

TEST_CASE("every character of Unicode comes back as it was") {
    Chat chat;
    std::string all;
    for (int byte = 0; byte < 128; ++byte) all += static_cast<char>(byte);
    // Two bytes, three, the last before and the first after the surrogates, a BOM, what JavaScript
    // once took for line ends, characters that are none, four bytes, a family of seven characters.
    all +=
        "\u0080\u0085\u07ff\u0800\ud7ff\ue000\ufeff\u2028\u2029\ufffe\uffff\U00010000\U0001f44b"
        "\U0010ffff\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466";
    chat.caller.post(all);
    chat.expect_texts(
        all, "escape the characters that JSON wants escaped; all others may stand as they are");
}

TEST_CASE("quotes and backslashes in a name break out of nothing") {
    Chat chat;
    // ","text":"x"},{"
    chat.caller.post("hello", "name=%22%2C%22text%22%3A%22x%22%7D%2C%7B%22");
    chat.caller.post("hello", "name=%5C");
    const News news = chat.caller.news_of("wait=0", "at once");
    const std::vector<Message> expected{{1, R"(","text":"x"},{")", "hello"}, {2, "\\", "hello"}};
    CHECK(news.messages == expected);
}

TEST_CASE("a name has 1 to 32 characters of UTF-8 and no control characters") {
    Chat chat;
    const std::string wave = "%F0%9F%91%8B";
    const std::string hint = ": count the characters, not the bytes";
    for (const std::string& name : {std::string("A"), times(32, "x"), times(32, wave),
                                    std::string("%3Cb%3E"), std::string("a+b")})
        chat.caller.post("hello", "name=" + name);
    CHECK(chat.caller.news_of("wait=0&after=4", "at once").messages[0].name == "a b");
    for (const std::string& name : {std::string(),
                                    times(33, "x"),
                                    times(33, wave),
                                    std::string("%01"),
                                    std::string("A%09B"),
                                    std::string("A%7F"),
                                    std::string("%C2%85"),
                                    std::string("A%0AB"),
                                    std::string("A%0D%0AB"),
                                    std::string("A%00B"),
                                    std::string("%FF"),
                                    std::string("%E2%80%AEevil"),
                                    std::string("%E2%81%A7"),
                                    std::string("A%E2%80%8F"),
                                    std::string("A%D8%9C"),
                                    std::string("A%E2%80%A8"),
                                    std::string("%E2%80%8B"),
                                    std::string("%20"),
                                    std::string("%EF%BB%BF"),
                                    std::string("%E3%85%A4"),
                                    std::string("%E2%A0%80"),
                                    std::string("%CC%81"),
                                    std::string("A%C3"),
                                    std::string("%C0%80"),
                                    std::string("%ED%A0%80"),
                                    std::string("%zz"),
                                    std::string("A%4")}) {
        expect_status(chat.server, post_request("hello", "name=" + name), 400,
                      std::string(name).append(hint));
    }
    CHECK(chat.caller.news_of("wait=0", "at once").last == 5);
}

TEST_CASE("a text that is not UTF-8 is refused with 400") {
    const Server server(kStep);
    for (const std::string bad : {"\xff", "a\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                  "\x80", "caf\xe9", "\xf0\x9f\x91"})
        expect_status(server, post_request(bad), 400, "JSON is UTF-8: RFC 8259, 8.1");
    expect_nothing_said(server);
    expect_chat(server, "nobody else notices");
}

TEST_CASE("an empty text is a message too") {
    Chat chat;
    chat.caller.post("");
    chat.caller.connection().send(http_request("POST", "/messages", content_type("text/plain")));
    chat.caller.receipt("without a length there is no body: RFC 9112, 6.3");
    const News news = chat.caller.news_of("wait=0", "at once");
    const std::vector<Message> expected{{1, "User", ""}, {2, "User", ""}};
    CHECK(news.messages == expected);
}

TEST_CASE("a text in chunks is a message like any other") {
    Chat chat;
    chat.caller.connection().send(
        http_request("POST", "/messages",
                     content_type("text/plain") + "Transfer-Encoding: chunked\r\n") +
        chunk("При") + chunk("віт") + std::string(kLastChunk));
    chat.caller.receipt("RFC 9112, 7.1");
    chat.expect_texts("Привіт", "the chunks together");
}

TEST_CASE("only plain text may be posted") {
    const Server server(kStep);
    for (const std::string type : {"text/plain", "Text/Plain", "text/plain;charset=utf-8",
                                   "text/plain; charset=UTF-8", "text/plain ; charset=\"utf-8\""}) {
        expect_status(server, post_with(content_type(type)), 201, "RFC 9110, 8.3.1: " + type);
    }
    expect_status(server, post_with(content_type("text/plain; format=flowed")), 201,
                  "other parameters do not matter");
    for (const std::string type :
         {"text/html", "text/plainer", "text", "application/json", "application/octet-stream",
          "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
          "text/plain; charset=iso-8859-1", "text/plain; charset=utf-16", "text/plain, text/html"})
        expect_status(server, post_with(content_type(type)), 415, "415: " + type);
    expect_status(server, post_with(""), 415, "nobody says that this is text");
}

TEST_CASE("a repeated POST wakes no waiting client") {
    Chat chat;
    chat.post_with_key("k", "one");
    Caller waiter(chat.server);
    waiter.ask("after=1&wait=25");
    settle(chat.server);
    chat.post_with_key("k", "one");
    settle(chat.server);
    CHECK(waiter.connection().is_silent());
    chat.caller.post("two");
    expect_bytes("two", texts_of(waiter.news("there is news")), "only the new messages");
}

TEST_CASE("a key has 1 to 64 visible characters of ASCII") {
    Chat chat;
    for (const std::string& good :
         {std::string("k"), times(64, "x"), std::string("\"quoted\""), std::string("!~{}|\\,;=")})
        chat.post_with_key(good, "hello");
    for (const std::string& bad :
         {std::string(), times(65, "x"), std::string("two words"), std::string("tab\tbed"),
          std::string("ключ"), std::string("\xff")})
        expect_status(chat.server, post_request("hello", "", key(bad)), 400, "a bad key: " + bad);
    CHECK(chat.caller.news_of("wait=0", "at once").last == 4);
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("a key is forgotten together with its message") {
    Chat chat({"--history", "2"});
    chat.post_with_key("k", "one");
    chat.caller.post("two");
    CHECK_MESSAGE(chat.post_with_key("k", "one").id == 1, "its message is still in the history");
    chat.caller.post("three");
    CHECK_MESSAGE(chat.post_with_key("k", "four").id == 4, "keys must not take memory for ever");
    chat.expect_texts("three|four", "the last two");
}

TEST_SUITE_END();
