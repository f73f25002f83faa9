// The contract of the server of 07_longpoll: what every server of HTTP/1.1 has to keep.
#include <doctest/doctest.h>

#include <string>

#include "tests/support/http_contract.hpp"
#include "tests/support/http_contract_framing.hpp"
#include "tests/support/http_contract_lifecycle.hpp"
#include "tests/support/http_contract_limits.hpp"
#include "tests/support/http_contract_origin.hpp"
#include "tests/support/http_contract_requests.hpp"
#include "tests/support/longpoll.hpp"

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
