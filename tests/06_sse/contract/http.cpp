// The contract that every server of HTTP/1.1 keeps has its cases in tests/common/contract: this is
// what they need to know of 06_sse.
#include <string>

#include "tests/06_sse/support/event_stream.hpp"
#include "tests/common/contract/http_contract.hpp"

using namespace lab::test;

namespace {

std::string texts_on(const Server& server) {
    const std::string last = std::to_string(publish(server, "that is all"));
    EventStream stream(server, "/events", last_event_id("0"));
    std::string texts;
    for (;;) {
        const StreamEvent event = stream.receive("Last-Event-ID: 0 is from the beginning");
        if (event.id == last) return texts;
        texts += event.data + "|";
    }
}

}  // namespace

const HttpContract lab::test::kHttp{
    .step = "06_sse",
    .get = "/",
    .post = "/publish",
    .posted = 202,
    .texts = texts_on,
    .shared = "/events",
    .shared_field = "Last-Event-ID",
    .bad_options = {{"--history", "-1"},
                    {"--history", "many"},
                    {"--queue", "0"},
                    {"--ping", "0"},
                    {"--ping", "x"},
                    {"--retry", "-1"},
                    {"--retry", "0"},
                    {"--retry", "soon"}},
};
