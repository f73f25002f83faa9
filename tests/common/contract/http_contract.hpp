// The contract of a server of HTTP/1.1, whatever it is for. Its cases are in tests/common/contract;
// the test programs of 06_sse and 07_longpoll both have them, and each defines kHttp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/visible.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/program.hpp"
#include "tests/support/report.hpp"

namespace lab::test {

/// What the cases need to know of a step.
struct HttpContract {
    std::string step;
    std::string get;   // a target that answers GET with 200 at once, and POST with 405
    std::string post;  // a target that takes text/plain
    int posted;        // the status of its answer
    /// All texts that were posted so far, with something between them.
    std::string (*texts)(const Server& server);
    /// A target that pages of an allowed origin may ask, and a header field that they may send to
    /// it.
    std::string shared, shared_field;
    /// Options of the server that are bad usage.
    std::vector<std::vector<std::string>> bad_options;
};

/// The step that the test program is about.
extern const HttpContract kHttp;

/// A target that leads nowhere: 404.
inline const std::string kNowhere = "/nothing/here";

/// A request that is answered at once.
inline std::string good_get(std::string_view fields = "") {
    return http_request("GET", kHttp.get, fields);
}

/// A request that posts `text`.
inline std::string good_post(std::string_view text, std::string_view fields = "") {
    return http_request("POST", kHttp.post,
                        std::string("Content-Type: text/plain\r\n").append(fields), text);
}

/// The same with its body in chunks, which `framed` are; `fields` may say another coding.
inline std::string chunked_post(std::string_view framed,
                                std::string_view fields = "Transfer-Encoding: chunked\r\n") {
    return http_request("POST", kHttp.post,
                        std::string("Content-Type: text/plain\r\n").append(fields))
        .append(framed);
}

/// A new client is served.
inline void expect_good(const Server& server, const std::string& hint,
                        Place place = Place::here()) {
    expect_status(server, good_get(), 200, hint, place);
}

/// `text` must, or must not, be among those that were posted.
inline void expect_posted(const Server& server, const std::string& text, bool posted,
                          const std::string& hint, Place place = Place::here()) {
    const std::string texts = kHttp.texts(server);
    if ((texts.find(text) != std::string::npos) != posted) {
        fail((posted ? "among what was posted: " : "not among what was posted: ") + text,
             lab::visible(texts, 300), hint, place);
    }
}

/// `statuses` name the only answers that are right; the first is the best.
inline void expect_one_of(const HttpResponse& response, const std::vector<int>& statuses,
                          const std::string& hint, Place place = Place::here()) {
    for (const int status : statuses)
        if (response.head.status() == status) return expect_status(response, status, hint, place);
    expect_status(response, statuses[0], hint, place);
}

}  // namespace lab::test
