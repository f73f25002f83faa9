// The contract that every server of HTTP/1.1 keeps has its cases in tests/common/contract: this is
// what they need to know of 07_longpoll.
#include <string>

#include "tests/07_longpoll/support/longpoll.hpp"
#include "tests/common/contract/http_contract.hpp"

using namespace lab::test;

namespace {

std::string texts_on(const Server& server) {
    return longpoll::texts_of(longpoll::Caller(server).news_of("wait=0", "all that was said"));
}

}  // namespace

const HttpContract lab::test::kHttp{
    .step = longpoll::kStep,
    .get = "/",
    .post = "/messages",
    .posted = 201,
    .texts = texts_on,
    .shared = "/messages",
    .shared_field = "Idempotency-Key",
    .bad_options = {{"--history", "-1"},
                    {"--history", "many"},
                    {"--max-answer", "0"},
                    {"--max-answer", "x"},
                    {"--max-answer"},
                    {"--trce"}},
};
