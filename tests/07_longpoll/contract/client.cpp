// The contract of the client of 07_longpoll.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/07_longpoll/support/client.hpp"
#include "tests/07_longpoll/support/longpoll.hpp"
#include "tests/07_longpoll/support/station.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/program.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::longpoll;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("basic");

TEST_CASE("client posts each line and prints what is said as name and text") {
    Conversation talk;
    talk.client.write_input("Привіт 👋\n");
    const Asked post = talk.station.next_post("POST each line");
    expect_bytes("Привіт 👋", post.body, "the line without its end");
    if (!lower(post.head.value("Content-Type")).starts_with("text/plain"))
        fail("Content-Type: text/plain", post.head.fields, "a line is text, and no form");
    talk.confirm_and_say(post, {{1, "User", "Привіт 👋"}});
    talk.say({{2, "Ада", "Добрий день"}, {3, "Bob", ""}});
    talk.client.expect_output("User: Привіт 👋\nАда: Добрий день\nBob: \n",
                              "print each message on a line, and flush");
    expect_bytes("3", talk.station.next_get("ask again").argument("after").value_or("none"),
                 "ask after the last id that has come");
}

TEST_CASE("client percent-encodes its name") {
    Conversation talk({"--name", "Ada & Co"});
    talk.client.write_input("hello\n");
    const Asked post = talk.station.next_post("POST each line");
    const std::string name = post.argument("name").value_or("none");
    // In a query both stand for a space.
    if (name != "Ada+%26+Co")
        expect_bytes("Ada%20%26%20Co", name, "RFC 3986, 2.1: & would begin the next field");
}

TEST_CASE("client shows only what is said after it has come") {
    const Server server(kStep);
    Caller(server).post_numbered("old", 1, 20);
    Program client(client_of(server));
    client.write_input("new\n");
    client.expect_output("User: new\n", "begin where the chat is now");
}

TEST_CASE("two clients talk through the server and leave at the word exit") {
    const Server server(kStep);
    Program ada(client_of(server, {"--name", "Ада"}));
    ada.write_input("Привіт\n");
    ada.expect_output("Ада: Привіт\n", "everyone hears a message, the sender too");
    Program bob(client_of(server, {"--name", "Bob & Co"}));
    bob.write_input("hello\n");
    bob.expect_output("Bob & Co: hello\n",
                      "its own comes back under its name, percent-encoded in the query");
    ada.expect_output("Ада: Привіт\nBob & Co: hello\n", "everyone hears a message");
    for (Program* const client : {&ada, &bob}) {
        client->write_input("exit\nnever sent\n");
        client->expect_exit(0, "exit leaves");
    }
    expect_bytes("Привіт|hello", texts_of(Caller(server).news_of("wait=0", "at once")),
                 "neither the word exit nor what stands behind it is posted");
}

TEST_CASE("client leaves at the end of its input after its own messages have come back") {
    Conversation talk;
    talk.client.write_input("one\ntwo");
    talk.client.end_input();
    talk.station.answer(talk.station.next_post("POST each line"), Receipt{1, "e1"});
    talk.station.answer(talk.station.next_post("POST each line"), Receipt{2, "e1"});
    if (talk.client.ends_within(100ms))
        fail("it is still running", "it has left", "wait until all of one's own has come back");
    talk.say({{1, "User", "one"}, {2, "User", "two"}});
    talk.client.expect_exit(0, "the end of the input leaves");
    expect_bytes("User: one\nUser: two\n", talk.client.output(), "print what came before the end");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("robust");

TEST_CASE("client reads a file as it reads a terminal and keeps the order of the lines") {
    const Server server(kStep);
    const ScratchDirectory directory;
    std::string lines;
    std::string heard;
    for (int i = 0; i < 200; ++i) {
        const std::string line = "line " + std::to_string(i) + "\n";
        lines += line;
        heard.append("User: ").append(line);
    }
    const std::string script = R"(printf '%s' "$1" > "$2"; exec "$0" client "$3" < "$2")";
    Program client({"sh", "-c", script, path_of(kStep), lines, directory.file("lines"),
                    "http://127.0.0.1:" + server.port()});
    client.expect_exit(0, "the end of the file is the end of the input");
    expect_bytes(heard, client.output(), "all of it came back before the client left");
}

TEST_CASE("client needs no more than two connections for a whole chat") {
    Conversation talk;
    std::string heard;
    for (std::uint64_t i = 1; i <= 30; ++i) {
        const std::string text = "message " + std::to_string(i);
        talk.client.write_input(text + "\n");
        talk.confirm_and_say(talk.station.next_post("POST each line"), {{i, "User", text}});
        heard.append("User: ").append(text).append("\n");
    }
    talk.client.expect_output(heard, "each once");
    if (talk.station.connections() > 2) {
        fail("one connection, or two", std::to_string(talk.station.connections()),
             "HTTP/1.1 keeps a connection for many requests: RFC 9112, 9.3");
    }
}

TEST_CASE("client asks after the last message that it has and waits for the next one") {
    Conversation talk({}, 41);
    for (std::uint64_t last = 41; last < 44; ++last) {
        const Asked get = talk.station.next_get("ask again after each answer");
        expect_bytes(std::to_string(last), get.argument("after").value_or("none"), "after what?");
        expect_bytes("e1", get.argument("epoch").value_or("none"), "name the run that it was");
        if (get.argument("wait") == "0") fail("wait of some seconds", get.target, "do not poll");
        talk.station.answer(get, {{{last + 1, "Ada", "hi"}}, last + 1, false, "e1"});
    }
    // Nothing new: it asks again for the same.
    const Asked get = talk.station.next_get("ask again after each answer");
    talk.station.answer(get, {{}, 44, false, "e1"});
    expect_bytes(get.target, talk.station.next_get("ask again").target, "the same again");
    talk.client.expect_output("Ada: hi\nAda: hi\nAda: hi\n", "each message once");
}

TEST_CASE("client reads JSON with every escape that there is") {
    Conversation talk;
    const Asked get = talk.station.next_get("ask");
    const std::string json =
        R"({"messages":[{"id":1,"name":"\u0410\u0434\u0430","text":"\"\\\/\b\f\t\u0001 \ud83d\udc4b 👋 \u2028 \u00e9"}],"last":1,"gap":false,"epoch":"e1"})";
    talk.station.connection(get).send(json_response("200 OK", json));
    talk.client.expect_output("Ада: \"\\/\b\f\t\x01 👋 👋 \u2028 é\n", "RFC 8259, 7");
}

TEST_CASE("client takes an answer in chunks and byte by byte") {
    Conversation talk;
    const Asked get = talk.station.next_get("ask");
    const std::string json = json_of(News{{{1, "Ада", "Привіт 👋"}}, 1, false, "e1"});
    const std::string answer =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
        chunk(json.substr(0, 60)) + chunk(json.substr(60)) + std::string(kLastChunk);
    Connection& connection = talk.station.connection(get);
    for (const char byte : answer) {
        connection.send({&byte, 1});
        if (connection.wait_for_bytes(1ms)) break;
    }
    talk.client.expect_output("Ада: Привіт 👋\n", "RFC 9112, 7.1");
}

TEST_CASE("client does not post a line that is not UTF-8 and says so") {
    Conversation talk;
    talk.client.write_input("\xff\xfe\nfine\n");
    const Asked post = talk.station.next_post("the next line is fine");
    expect_bytes("fine", post.body, "text has to be UTF-8");
    talk.client.expect_error("UTF-8", "say that the line was not posted");
    talk.confirm_and_say(post, {{1, "User", "fine"}});
    talk.client.write_input("exit\n");
    talk.client.expect_exit(1, "exit leaves, and not all was sent");
}

TEST_CASE("client leaves after some seconds at most although its message does not come back") {
    Station station;
    // Whether that is an error, is the program's to say.
    Program client({"sh", "-c", R"("$0" client "$1"; exit 0)", path_of(kStep), station.url()});
    station.answer(station.next_get("ask where the chat is"), {{}, 0, false, "e1"});
    client.write_input("hello?\n");
    client.end_input();
    station.answer(station.next_post("POST each line"), Receipt{1, "e1"});
    client.expect_exit(0, "do not wait for ever", 6000ms);
}

TEST_CASE("client says that nobody listens and exits with 1") {
    Program client({path_of(kStep), "client", "http://127.0.0.1:" + free_port()});
    client.expect_exit(1, "there never was a connection: an error, exit 1");
    client.expect_error("07_longpoll: ", "one line on stderr says what happened");
}

TEST_CASE("client exits with 1 when the address is none and says why") {
    for (const std::string url :
         {"ws://localhost:8007", "https://localhost:8007", "localhost:8007", "http://",
          "http://localhost:70000", "http://localhost:port", "http://[::1", "http://local host"}) {
        Program client({path_of(kStep), "client", url});
        client.expect_exit(1, "say what is wrong with the address: exit 1");
        client.expect_error("07_longpoll: ", "one line on stderr says what is wrong");
    }
}

TEST_CASE("client says why a first answer is not that of a chat and exits with 1") {
    for (const std::string& answer :
         {http_response("404 Not Found", "nothing here\n"), json_response("200 OK", "<html>"),
          json_response("200 OK", "{}"), json_response("200 OK", R"({"messages":[],"last":-1})"),
          http_response("200 OK", "\x1f\x8b", "Content-Encoding: gzip\r\n"),
          std::string("220 smtp.example ESMTP\r\n")}) {
        Station station;
        Program client({path_of(kStep), "client", station.url()});
        const Asked get = station.next_get("ask where the chat is");
        expect_bytes("identity", get.head.value("Accept-Encoding"), "ask for no compression");
        station.connection(get).send(answer);
        station.hang_up(get);
        client.expect_exit(1, "this is no chat: exit 1, and no retry");
        client.expect_error("07_longpoll: ", "one line on stderr says what is wrong");
    }
}

TEST_SUITE_END();
