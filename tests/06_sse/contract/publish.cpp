// The contract of the server of 06_sse: what may be published, and how.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/06_sse/support/event_stream.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "06_sse";

const std::string kForm = "Content-Type: application/x-www-form-urlencoded\r\n";

std::string type(const std::string& value) {
    return "Content-Type: " + value + "\r\n";
}

// The request is accepted.
HttpResponse expect_published(const Server& server, const std::string& request,
                              const std::string& hint, Place place = Place::here()) {
    return expect_status(server, request, 202, hint, place);
}

// Whatever was refused before, nothing of it is on the stream.
void expect_nothing(const Server& server, Place place = Place::here()) {
    const int id = publish(server, "the first", "", place);
    if (id != 1) fail("the id 1", std::to_string(id), "a refused event is not published", place);
}

}  // namespace

TEST_SUITE_BEGIN("basic");

TEST_CASE("a name stands before the text and a type beside it") {
    const Server server(kStep);
    EventStream stream(server);
    publish(server, "Привіт", "name=%D0%90%D0%B4%D0%B0");
    stream.expect({"1", "", "Ада: Привіт"}, "?name= makes it `name: text`");
    publish(server, "Hello", "name=Bob+%26+Co&event=greeting");
    stream.expect({"2", "greeting", "Bob & Co: Hello"}, "?event= names the type");
}

TEST_CASE("a form is published as text is") {
    const Server server(kStep);
    EventStream stream(server);
    expect_published(server, publish_request("text=a%2Bb+c%0Ad&name=%D0%90%D0%B4%D0%B0", "", kForm),
                     "curl --data-urlencode text=… and a form of HTML send it so");
    stream.expect({"1", "", "Ада: a+b c\nd"}, "percent-decode it, and + is a space");
    expect_published(server, publish_request("text=x&event=inner", "event=outer&name=Bob", kForm),
                     "fields of the form come before those of the query");
    stream.expect({"2", "inner", "Bob: x"}, "fields of the form come before those of the query");
}

TEST_CASE("each line of a text becomes a data line however it ends") {
    const Server server(kStep);
    EventStream stream(server);
    const std::string hint = "LF, CRLF and CR end a line for the reader, so for the writer too";
    publish(server, "one\ntwo\r\nthree\rfour");
    stream.expect({"1", "", "one\ntwo\nthree\nfour"}, hint);
    publish(server, "\n\n");
    stream.expect({"2", "", "\n\n"}, "an empty line is a `data:` of its own");
    publish(server, "one\n");
    stream.expect({"3", "", "one\n"}, "an empty line is a `data:` of its own");
    publish(server, "a\n\rb\r\r\nc");
    stream.expect({"4", "", "a\n\nb\n\nc"}, hint);
    publish(server, "one\ntwo", "name=Bob");
    stream.expect({"5", "", "Bob: one\ntwo"}, "the name stands before the whole text");
}

TEST_CASE("no type and no name breaks out of its line") {
    const Server server(kStep);
    EventStream stream(server);
    const std::string hint = "a line end in it begins a field of its own: refuse it with 400";
    int last = publish(server, "Hello", "event=greeting&name=Bob");
    stream.expect({std::to_string(last), "greeting", "Bob: Hello"}, "a type of one line is sent");
    for (const std::string query :
         {"event=a%0Aid:+99", "event=a%0Did:+99", "event=a%0D%0A%0D%0Adata:+forged",
          "name=Bob%0Aid:+99", "name=Bob%0D%0A%0D%0Aevent:+forged"}) {
        const HttpResponse response = ask(server, publish_request("x", query), hint);
        if (response.head.status() == 400) continue;
        expect_status(response, 202, hint);
        // One event, whatever is left of the type or the name.
        stream.expect_ids(last + 1, last + 1, hint);
        ++last;
    }
    last = publish(server, "the last");
    stream.expect({std::to_string(last), "", "the last"}, hint);
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("robust");

TEST_CASE("no text breaks out of its field") {
    const Server server(kStep);
    EventStream stream(server);
    // What a reader without care would take for fields, and for further events.
    const std::string retry = stream.receive_retry("the retry comes first");
    const std::string spoof = "id: 99\nevent: gap\nretry: 1\n:comment\ndata: x\n\ndata: y\n\n\n";
    int id = 0;
    for (const std::string line_end : {"\n", "\r\n", "\r"}) {
        std::string text;
        for (const char byte : "x\n" + spoof) {
            if (byte == '\n') text += line_end;
            if (byte != '\n') text += byte;
        }
        publish(server, text);
        stream.expect({std::to_string(++id), "", "x\n" + spoof},
                      "each line stands after a `data: ` of its own");
    }
    publish(server, std::string("a\0b\x01\x7f", 5));
    stream.expect({std::to_string(++id), "", std::string("a\0b\x01\x7f", 5)},
                  "other control characters are text");
    publish(server, "\xEF\xBB\xBFtext after a BOM");
    stream.expect({std::to_string(++id), "", "\xEF\xBB\xBFtext after a BOM"},
                  "U+FEFF is a character like another but at the beginning of the stream");
    expect_bytes(retry, stream.retry(), "no text changes the retry of a stream");
}

TEST_CASE("a type cannot break out of its field") {
    const Server server(kStep);
    for (const std::string name :
         {"a%0Ab", "a%0Db", "%0D%0Adata:x", "a%00b", "%FF", "", "gap", "a%C3"}) {
        expect_status(
            server, publish_request("x", "event=" + name), 400,
            "no type has a line end, NUL or what is not UTF-8, and gap is the server's: " + name);
    }
    const std::string longest(64, 'x');
    expect_status(server, publish_request("x", "event=" + longest + "x"), 400,
                  "a type has at most 64 bytes");
    expect_status(server, publish_request("text=x&event=a%0Ab", "", kForm), 400,
                  "a form is as a query");
    EventStream stream(server);
    publish(server, "x", "event=" + longest);
    stream.expect({"1", longest, "x"}, "64 bytes are allowed");
    publish(server, "x", "event=%D0%BD%D0%BE%D0%B2%D0%B8%D0%BD%D0%B0%3A");
    stream.expect({"2", "новина:", "x"}, "a type is UTF-8, and a colon does no harm");
}

TEST_CASE("a name has 1 to 32 characters of UTF-8 and no control characters") {
    const Server server(kStep);
    for (const std::string& name :
         {std::string(), std::string(33, 'x'), std::string("a%0Ab"), std::string("a%0Db"),
          std::string("%1B[2J"), std::string("%FF"), std::string("A%00"), std::string("%C2%85"),
          std::string("%E2%80%AEevil"), std::string("%E2%81%A7"), std::string("A%E2%80%8F"),
          std::string("A%D8%9C"), std::string("A%E2%80%A8"), std::string("%E2%80%8B"),
          std::string("%20"), std::string("%EF%BB%BF"), std::string("%E3%85%A4"),
          std::string("%E2%A0%80"), std::string("%CC%81")}) {
        expect_status(server, publish_request("x", "name=" + name), 400,
                      "a name is 1 to 32 characters without controls: " + name);
    }
    expect_nothing(server);
    std::string waves;
    for (int i = 0; i < 32; ++i) waves += "%F0%9F%91%8B";
    expect_published(server, publish_request("x", "name=" + waves), "characters and not bytes");
}

TEST_CASE("text that is not UTF-8 and no text at all are refused with 400") {
    const Server server(kStep);
    for (const std::string text :
         {"\xff", "a\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "cut \xd0", "\x80"}) {
        expect_status(server, publish_request(text), 400, "an event stream is UTF-8");
    }
    for (const std::string form : {"text=%FF", "text=%", "text=%zz", "text=%D0"})
        expect_status(server, publish_request(form, "", kForm), 400, "an event stream is UTF-8");
    expect_status(server, publish_request(""), 400, "an empty text is none");
    expect_status(server, publish_request("text=", "", kForm), 400, "an empty text is none");
    expect_status(server, publish_request("name=Bob", "", kForm), 400, "a form needs a text");
    expect_nothing(server);
}

TEST_CASE("a body that is neither text nor a form is refused with 415") {
    const Server server(kStep);
    for (const std::string bad :
         {"application/json", "text/html", "multipart/form-data; boundary=x", "text/plainer",
          "text/plain; charset=iso-8859-1", "text/plain;charset=\"windows-1251\"", "text", ""}) {
        expect_status(server, publish_request("x", "", type(bad)), 415,
                      "take text/plain in UTF-8 and forms: " + bad);
    }
    expect_status(server, publish_request("x", "", ""), 415, "no Content-Type says nothing");
    expect_nothing(server);
    for (const std::string good :
         {"TEXT/Plain", "text/plain;charset=UTF-8", "text/plain; Charset=\"utf-8\"",
          "text/plain; format=flowed", "text/plain ; format=flowed; charset=utf-8"}) {
        expect_published(server, publish_request("x", "", type(good)),
                         "names are the same in any case, other parameters are passed over");
    }
}

TEST_CASE("each path has methods of its own") {
    const Server server(kStep);
    const std::vector<std::vector<std::string>> wrong{{"POST", "/events", "GET"},
                                                      {"DELETE", "/events", "GET"},
                                                      {"GET", "/publish", "POST"},
                                                      {"HEAD", "/publish", "POST"},
                                                      {"POST", "/", "GET"}};
    for (const auto& words : wrong) {
        const HttpResponse response = ask(server, http_request(words[0], words[1]), "405");
        if (response.head.status() != 405)
            fail("405", response.head.first_line, words[0] + " " + words[1]);
        if (response.head.value("Allow").find(words[2]) == std::string::npos)
            fail("Allow: " + words[2], response.head.fields,
                 "a 405 says which methods are allowed");
    }
    for (const std::string target : {"/event", "/events/", "/publish/x", "/Events"})
        expect_status(server, http_request("GET", target), 404, "anything else is 404");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("a page drops the streams of its own name and no others") {
    const Server server(kStep);
    EventStream mine(server, "/events?stream=my%20stream");
    EventStream mine_too(server, "/events?stream=my+stream");
    EventStream other(server, "/events?stream=another");
    EventStream without(server);
    const int last = publish(server, "before");
    const HttpResponse response =
        ask(server, http_request("POST", "/drop?stream=my%20stream"), "POST /drop");
    if (response.head.status() != 204) fail("204", response.head.first_line, "POST /drop");
    for (EventStream* const dropped : {&mine, &mine_too}) {
        dropped->expect_ids(last, last, "first the events published before");
        dropped->expect_end("then the end, and the browser reconnects by itself");
    }
    expect_status(server, http_request("POST", "/drop?stream=my%20stream"), 404,
                  "it is gone already");
    for (const std::string query : {"", "?stream=", "?stream=nobody", "?other=another"}) {
        const int status =
            ask(server, http_request("POST", "/drop" + query), "no such stream").head.status();
        if (status != 404 && status != 400)
            fail("404 or 400", std::to_string(status), "there is no such stream: " + query);
    }
    publish(server, "after");
    for (EventStream* const stays : {&other, &without})
        stays->expect_ids(last, last + 1, "others notice nothing");
    EventStream again(server, "/events?stream=my%20stream", last_event_id(std::to_string(last)));
    again.expect_ids(last + 1, last + 1, "a reader that comes back has missed nothing");
    const std::string longer(65, 'x');
    expect_status(server, http_request("GET", "/events?stream=" + longer), 400,
                  "the name of a stream has at most 64 bytes");
}

TEST_SUITE_END();
