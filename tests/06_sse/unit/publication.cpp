// Unit tests of what 06_sse takes for a publication, and why it refuses one.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "06_sse/publication.hpp"
#include "common/http/target.hpp"

using namespace sse;
using namespace std::string_literals;

namespace {

const std::string kForm = "application/x-www-form-urlencoded";

http::Request request_of(const std::string& target, const std::string& content_type,
                         const std::string& body) {
    http::Request request;
    request.head.method = "POST";
    request.head.target = target;
    request.head.fields = {{"Host", "localhost"}, {"Content-Type", content_type}};
    request.target = http::parse_target(target).value_or(http::Target{});
    request.body = body;
    return request;
}

int status_of(const http::Request& request) {
    const auto result = parse_publication(request);
    const auto* const fault = std::get_if<http::Refusal>(&result);
    return fault ? fault->status : 202;
}

// [type] data; or the status of the refusal.
std::string published(const std::string& target, const std::string& content_type,
                      const std::string& body) {
    const auto result = parse_publication(request_of(target, content_type, body));
    if (const auto* const fault = std::get_if<http::Refusal>(&result))
        return std::to_string(fault->status);
    const auto& publication = std::get<Publication>(result);
    return "[" + publication.type + "] " + publication.data;
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a text is published as it is or behind a name") {
    CHECK(published("/publish", "text/plain", "Привіт 👋") == "[] Привіт 👋");
    CHECK(published("/publish", "text/plain", "a\r\nb\n") == "[] a\r\nb\n");
    CHECK(published("/publish?name=%D0%90%D0%B4%D0%B0", "text/plain", "hi") == "[] Ада: hi");
    CHECK(published("/publish?event=note&name=Ada", "text/plain", "hi") == "[note] Ada: hi");
    CHECK(published("/publish?text=no", "text/plain", "yes") == "[] yes");
}

TEST_CASE("a form's fields go before the arguments of the target") {
    CHECK(published("/publish", kForm, "text=a+b%21&name=Ada&event=note") == "[note] Ada: a b!");
    CHECK(published("/publish?name=Bob&event=x", kForm, "text=a&name=Ada&event=note") ==
          "[note] Ada: a");
    CHECK(published("/publish?name=Bob&event=x", kForm, "text=a") == "[x] Bob: a");
    CHECK(published("/publish", kForm, "text=first&text=second") == "[] first");
    CHECK(published("/publish?text=a", kForm, "name=Ada") == "400");
    CHECK(published("/publish", kForm, "text=%") == "400");
}

TEST_CASE("a body is text or a form and its charset if any UTF-8") {
    for (const std::string type :
         {"text/plain", "Text/PLAIN", "text/plain;charset=utf-8", "text/plain ; charset=UTF-8",
          "text/plain; charset=\"utf-8\"", "text/plain; format=flowed; charset=utf-8",
          "text/plain; x=y;", "text/plain;", "text/plain; charset=", "text/plain; charset"})
        CHECK_MESSAGE(published("/publish", type, "a") == "[] a", type);
    CHECK(published("/publish", kForm + "; charset=utf-8", "text=a") == "[] a");
    for (const std::string type :
         {"", "text/html", "text", "text/plain2", "application/json", "multipart/form-data",
          "text/plain; charset=iso-8859-1", "text/plain, text/plain"})
        CHECK_MESSAGE(published("/publish", type, "a") == "415", type);

    http::Request request = request_of("/publish", "text/plain", "a");
    request.head.fields.push_back({"Content-Type", "text/plain"});
    CHECK(status_of(request) == 415);
    request.head.fields.clear();
    CHECK(status_of(request) == 415);
}

TEST_CASE("a text is not empty and UTF-8") {
    CHECK(published("/publish", "text/plain", "") == "400");
    CHECK(published("/publish?name=Ada", "text/plain", "") == "400");
    CHECK(published("/publish", kForm, "text=") == "400");
    for (const std::string& bad : {"\xFF"s, "a\xD0"s, "\xC0\x80"s, "\xED\xA0\x80"s})
        CHECK_MESSAGE(published("/publish", "text/plain", bad) == "400", bad);
    CHECK(published("/publish", kForm, "text=%FF") == "400");
    CHECK(published("/publish", "text/plain", "\n") == "[] \n");
    CHECK(published("/publish", "text/plain", "a\0b"s) == "[] a\0b"s);
}

TEST_CASE("a type is short and on one line and not the server's own") {
    CHECK(published("/publish?event=" + std::string(64, 'x'), "text/plain", "a") ==
          "[" + std::string(64, 'x') + "] a");
    CHECK(published("/publish?event=message", "text/plain", "a") == "[message] a");
    CHECK(published("/publish?event=%D0%90+:", "text/plain", "a") == "[А :] a");
    for (const std::string bad : {"", "gap", "a%0Ab", "a%0D", "%00", "%FF", "%0Adata:%20x"})
        CHECK_MESSAGE(published("/publish?event=" + bad, "text/plain", "a") == "400", bad);
    CHECK(published("/publish?event=" + std::string(65, 'x'), "text/plain", "a") == "400");
    CHECK(published("/publish", kForm, "text=a&event=gap") == "400");
}

TEST_CASE("a name is one") {
    for (const std::string bad : {"", "a%0Ab", "%FF", "123456789012345678901234567890123"})
        CHECK_MESSAGE(published("/publish?name=" + bad, "text/plain", "a") == "400", bad);
}

TEST_SUITE_END();
