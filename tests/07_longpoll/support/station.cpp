#include "tests/07_longpoll/support/station.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "common/visible.hpp"

namespace lab::test::longpoll {
namespace {

using namespace std::chrono_literals;

// As short as JSON allows: what need not be escaped stands as it is.
std::string json_string(std::string_view text) {
    std::string json = "\"";
    for (const char byte : text) {
        if (byte == '"' || byte == '\\') json += '\\';
        if (static_cast<unsigned char>(byte) < ' ') {
            std::array<char, 7> escaped{};
            std::snprintf(escaped.data(), escaped.size(), "\\u%04X", byte);
            json += escaped.data();
        } else {
            json += byte;
        }
    }
    return json += '"';
}

}  // namespace

std::string json_response(const std::string& status, const std::string& json) {
    return "HTTP/1.1 " + status +
           "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(json.size()) +
           "\r\n\r\n" + json;
}

std::optional<std::string> Asked::argument(const std::string& name) const {
    std::string query = target.substr(std::min(target.find('?'), target.size() - 1) + 1);
    query = "&" + query + "&";
    const std::string before = "&" + name + "=";
    const std::size_t found = query.find(before);
    if (found == std::string::npos) return std::nullopt;
    const std::size_t begin = found + before.size();
    return query.substr(begin, query.find('&', begin) - begin);
}

std::string json_of(const News& news) {
    std::string json = "{\"messages\":[";
    for (const Message& message : news.messages) {
        if (json.back() == '}') json += ',';
        json.append("{\"id\":").append(std::to_string(message.id));
        json.append(",\"name\":").append(json_string(message.name));
        json.append(",\"text\":").append(json_string(message.text)).append("}");
    }
    json.append("],\"last\":").append(std::to_string(news.last));
    json.append(",\"gap\":").append(news.gap ? "true" : "false");
    return json.append(",\"epoch\":").append(json_string(news.epoch)).append("}");
}

std::string json_of(const Receipt& receipt) {
    std::string json = "{\"id\":";
    json.append(std::to_string(receipt.id)).append(",\"epoch\":");
    return json.append(json_string(receipt.epoch)).append("}");
}

// Takes new connections, and what has come on them.
void Station::gather() {
    while (auto connection = listener_.try_accept(0ms)) {
        connections_.push_back(std::move(*connection));
        open_.push_back(true);
    }
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        while (open_[i] && !connections_[i].is_silent()) {
            HttpResponse request = receive_request(connections_[i], "a request comes whole");
            const std::string& line = request.head.first_line;
            const std::size_t first = line.find(' ');
            const std::size_t second = line.find(' ', first + 1);
            if (second == std::string::npos) fail("a request", lab::visible(line), "RFC 9112, 3");
            asked_.push_back({i, line.substr(0, first), line.substr(first + 1, second - first - 1),
                              request.head, std::move(request.body)});
        }
    }
}

std::optional<Asked> Station::look(const std::string& method, std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    for (;;) {
        gather();
        const auto found = std::ranges::find(asked_, method, &Asked::method);
        if (found != asked_.end()) {
            Asked asked = std::move(*found);
            asked_.erase(found);
            return asked;
        }
        if (std::chrono::steady_clock::now() > deadline) return std::nullopt;
        // Something may come on any of them: so we look at each, many times a second.
        if (auto connection = listener_.try_accept(2ms)) {
            connections_.push_back(std::move(*connection));
            open_.push_back(true);
        }
    }
}

Asked Station::next(const std::string& method, const std::string& hint, Place place) {
    if (auto asked = look(method, kDeadline)) return std::move(*asked);
    fail("a request: " + method + " /messages", all_the_time("none"), hint, place);
}

Asked Station::next_get(const std::string& hint, Place place) {
    return next("GET", hint, place);
}

Asked Station::next_post(const std::string& hint, Place place) {
    return next("POST", hint, place);
}

bool Station::is_silent(const std::string& method, std::chrono::milliseconds limit) {
    auto asked = look(method, limit);
    if (asked) asked_.push_front(std::move(*asked));
    return !asked;
}

void Station::answer(const Asked& asked, const News& news, Place place) {
    connection(asked).send(json_response("200 OK", json_of(news)), place);
}

void Station::answer(const Asked& asked, const Receipt& receipt, Place place) {
    connection(asked).send(json_response("201 Created", json_of(receipt)), place);
}

void Station::hang_up(const Asked& asked, bool reset) {
    open_[asked.connection] = false;
    if (reset) {
        connection(asked).reset();
    } else {
        connection(asked).finish();
    }
}

}  // namespace lab::test::longpoll
