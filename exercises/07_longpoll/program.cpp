// 07_longpoll: a chat over requests that wait for their answer, a thread for each connection.
#include <strings.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <iostream>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>

#include "json.hpp"
#include "query.hpp"

constexpr std::size_t kHistory = 1000;  // messages that are kept

struct Said {
    unsigned long id;
    std::string name, text;
};

std::mutex mutex;              // guards all below
std::condition_variable news;  // wakes who waits for a message
std::deque<Said> messages;     // the last ones, with ids that rise by one
Fields ids_of_keys;            // by the key of a POST the id that its text got
const std::string epoch = std::to_string(std::random_device()());  // names this run of the server

unsigned long last_id() {
    return messages.empty() ? 0 : messages.back().id;
}

// Adds a message, and wakes all who wait; returns its id. A second one with the same key adds none.
unsigned long post(const std::string& name, const std::string& text, const std::string& key) {
    const std::lock_guard lock(mutex);
    if (ids_of_keys.contains(key)) return std::stoul(ids_of_keys[key]);
    messages.push_back({last_id() + 1, name, text});
    if (messages.size() > kHistory) messages.pop_front();
    if (ids_of_keys.size() > kHistory) ids_of_keys.clear();
    if (!key.empty()) ids_of_keys[key] = std::to_string(last_id());
    // checkpoint 5 begin: wake all who wait
    news.notify_all();
    // checkpoint 5 end
    return last_id();
}

// The messages that are newer than the id `after`, at the latest after `wait`, in JSON.
std::string ask(unsigned long after, std::chrono::seconds wait, bool other_run) {
    std::unique_lock lock(mutex);
    if (other_run) after = 0;
    // checkpoint 5 begin: while there is no news, wait for it, but not for ever
    if (!other_run) news.wait_for(lock, wait, [&] { return last_id() > after; });
    // checkpoint 5 starter:
    // (void)wait;
    // checkpoint 5 end
    std::string list;
    // checkpoint 4 begin: all messages with an id above `after`
    for (const Said& said : messages) {
        if (said.id <= after) continue;
        list += (list.empty() ? "{\"id\":" : ",{\"id\":") + std::to_string(said.id) +
                ",\"name\":" + json_string(said.name) + ",\"text\":" + json_string(said.text) + "}";
    }
    // checkpoint 4 end
    const bool gap = other_run || (!messages.empty() && messages.front().id > after + 1);
    return "{\"messages\":[" + list + "],\"last\":" + std::to_string(last_id()) +
           ",\"gap\":" + (gap ? "true" : "false") + ",\"epoch\":" + json_string(epoch) + "}";
}

void answer(Stream& stream, Message request) {
    const std::string path = request.path();
    Fields query = fields_of(request.query());
    if (path == "/messages" && request.words[0] == "GET") {
        const unsigned long after = std::strtoul(query["after"].c_str(), nullptr, 10);
        const long wait = query["wait"].empty() ? 25 : std::atol(query["wait"].c_str());
        const bool other_run = !query["epoch"].empty() && query["epoch"] != epoch;
        if (wait < 0 || wait > 60)
            return respond(stream, "400 Bad Request", "text/plain", "wait is at most 60\n");
        return respond(stream, "200 OK", "application/json",
                       ask(after, std::chrono::seconds(wait), other_run));
    }
    if (path == "/messages" && request.words[0] == "POST") {
        // checkpoint 3 begin: add the message, and answer 201 with its id
        const std::string name = query.contains("name") ? query["name"] : "User";
        const unsigned long id = post(name, request.body, request.fields["idempotency-key"]);
        return respond(stream, "201 Created", "application/json",
                       "{\"id\":" + std::to_string(id) + ",\"epoch\":" + json_string(epoch) + "}");
        // checkpoint 3 starter:
        // throw std::runtime_error("POST is not there yet");
        // checkpoint 3 end
    }
    // checkpoint 2 begin: a browser that asks for / gets a page, and anything else is 404
    if (path == "/")
        return respond(stream, "200 OK", "text/html",
                       "<!DOCTYPE html><title>07</title><h1>A chat that asks for news</h1>\n");
    respond(stream, "404 Not Found", "text/plain", "there is no such thing here\n");
    // checkpoint 2 starter:
    // throw std::runtime_error("pages are not there yet");
    // checkpoint 2 end
}

// The life of a connection's thread: HTTP/1.1 keeps the connection for the next request.
void serve(Stream& stream) {
    for (;;) answer(stream, read_message(stream));
}

// One connection to the server, for one thread. A request is sent again until it is answered.
class Chat {
 public:
    explicit Chat(const Options& options) : options_(options) {}

    std::string request(const std::string& head, const std::string& body = "") {
        for (int tries = 0;; ++tries) {
            try {
                if (!stream_) stream_ = std::make_unique<Stream>(open_socket(options_, false));
                stream_->send_all(head + "Host: " + options_.host + ":" + options_.port +
                                  "\r\nContent-Length: " + std::to_string(body.size()) +
                                  "\r\n\r\n" + body);
                const Message response = read_message(*stream_);
                if (response.words[1].starts_with('2')) return response.body;
                throw std::logic_error("the server answers " + response.words[1]);
            } catch (const std::runtime_error&) {
                stream_.reset();
                if (tries == 4) throw;
                std::this_thread::sleep_for(std::chrono::milliseconds(100 << tries));
            }
        }
    }

 private:
    const Options& options_;
    std::unique_ptr<Stream> stream_;
};

// The last news that a client has heard: the last id, and the run of the server that gave it.
struct Heard {
    std::mutex mutex;  // guards all below
    std::condition_variable changed;
    unsigned long last = 0;
    std::string epoch;
};

// Asks once, and prints the messages of the answer if it is to `show` them.
void follow(Chat& chat, Heard& heard, const std::string& query, bool show) {
    const std::string body = chat.request("GET /messages?" + query + " HTTP/1.1\r\n");
    Json json(body);
    unsigned long last = 0;
    std::string epoch_now;
    json.object([&](const std::string& key) {
        if (key == "last") {
            last = std::stoul(json.value());
        } else if (key == "epoch") {
            epoch_now = json.value();
        } else if (key == "messages") {
            json.array([&] {
                Fields said;
                json.object([&](const std::string& name) { said[name] = json.value(); });
                if (show) std::cout << said["name"] << ": " << said["text"] << std::endl;
            });
        } else {
            json.value();
        }
    });
    const std::lock_guard lock(heard.mutex);
    heard.last = last;
    heard.epoch = epoch_now;
    heard.changed.notify_one();
}

bool is_exit(const std::string& line) {
    // checkpoint 7 begin: leave at the word exit
    return strcasecmp(line.c_str(), "exit") == 0;
    // checkpoint 7 starter:
    // return line.size() > 100'000'000;
    // checkpoint 7 end
}

void talk(const Options& options) {
    // checkpoint 6 begin: a thread prints what is new; this one posts each line, with its own key
    Chat reads(options);
    Chat posts(options);
    Heard heard;
    unsigned long last = 0;
    follow(reads, heard, "wait=0", false);  // where the chat is: what was before is not ours
    std::thread([&] {
        try {
            for (;;)
                follow(reads, heard,
                       "after=" + std::to_string(heard.last) +
                           "&wait=25&epoch=" + percent_encoded(heard.epoch),
                       true);
        } catch (const std::exception& error) {
            std::cerr << "07_longpoll: " << error.what() << '\n';
            std::_Exit(1);
        }
    }).detach();
    std::random_device device;
    for (std::string line; std::getline(std::cin, line) && !is_exit(line);) {
        const std::string receipt = posts.request(
            "POST /messages?name=" + percent_encoded(options.name) +
                " HTTP/1.1\r\nContent-Type: text/plain; charset=utf-8\r\nIdempotency-Key: " +
                std::to_string(device()) + "-" + std::to_string(device()) + "\r\n",
            line);
        Json json(receipt);
        json.object([&](const std::string& key) {
            const std::string value = json.value();
            if (key == "id") last = std::stoul(value);
        });
    }
    // checkpoint 6 starter:
    // std::cerr << "07_longpoll: no client yet for " << options.host << '\n';
    // std::_Exit(77);
    // checkpoint 6 end
    // checkpoint 7 begin: leave when all that we have said has come back
    {
        std::unique_lock lock(heard.mutex);
        heard.changed.wait_for(lock, std::chrono::seconds(10), [&] { return heard.last >= last; });
    }
    std::_Exit(0);  // the other thread may wait for an answer
    // checkpoint 7 starter:
    // std::_Exit(1);
    // checkpoint 7 end
}

int main(int argc, char** argv) {
    const Options options = parse_options(argc, argv, "http://", {"8007", "/", "User"});
    std::signal(SIGPIPE, SIG_IGN);  // a client that has left is an error of send, not the end
    try {
        options.role == "server" ? serve_each(options, serve) : talk(options);
    } catch (const std::exception& error) {
        std::cerr << "07_longpoll: " << error.what() << '\n';
        return 1;
    }
}
