// Unit tests of what tells the type of a body.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/http/body.hpp"
#include "common/visible.hpp"
#include "tests/support/report.hpp"

namespace {

// "type charset" of a message with these values of Content-Type, "-" standing for no charset;
// "none" if it has no type.
std::string type_of(const std::vector<std::string>& values) {
    http::Head head;
    for (const std::string& value : values) head.fields.push_back({"content-type", value});
    const auto type = http::parse_media_type(head);
    return type ? type->name + " " + type->charset.value_or("-") : "none";
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("the type of a body is told from its parameters") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"text/plain", "text/plain -"},
        {"Text/PLAIN; Charset=UTF-8", "text/plain utf-8"},
        {"text/plain;charset=\"utf-8\"", "text/plain utf-8"},
        {"text/plain ; format=flowed ; charset=utf-8 ;", "text/plain utf-8"},
        {R"(text/plain; x="a;charset=b\""; charset=latin1)", "text/plain latin1"},
        {"text/plain; charset=utf-8; charset=latin1", "text/plain utf-8"},
        {"text/plain; charset=", "text/plain -"},
        {"text/plain; charset=\"\"", "text/plain "},
        {"text/event-stream;bogus", "text/event-stream -"},
        {"text/event-stream;;; bogus ;=;a=;charset=utf-8", "text/event-stream utf-8"},
        {"text/plain; charset", "text/plain -"},
        {"text/plain; charset ; charset=utf-8", "text/plain utf-8"},
        {"text/plain; charset=utf-8 x; a", "text/plain utf-8 x"},
        {"text/plain; charset=\"utf-8", "text/plain utf-8"},
        {"text/plain; charset=\"utf-8\\", "text/plain utf-8\\"},
        {"text/plain; charset=\"utf-8\"x;charset=b", "text/plain utf-8"},
        {"text/plain; x=\"a;charset=b", "text/plain -"},
        {"text/plain; charset =b", "text/plain -"},
        {"text/plain;", "text/plain -"},
        {"multipart/form-data; boundary=x", "multipart/form-data -"},
        {"", "none"},
        {"text", "none"},
        {"text/", "none"},
        {"/plain", "none"},
        {"text/plain/x", "none"},
        {"text /plain", "none"},
        {"text/pl ain", "none"},
        {"text/plain, text/html", "none"},
        {"*/*", "*/* -"},
    };
    for (const auto& [value, expected] : cases)
        lab::test::expect_bytes(expected, type_of({value}), "of " + lab::visible(value));
}

TEST_CASE("a type that is not told or told twice is none") {
    CHECK(type_of({}) == "none");
    CHECK(type_of({"text/plain", "text/plain"}) == "none");
}

TEST_CASE("text is in UTF-8 unless another charset is told") {
    CHECK(http::MediaType{"text/plain", {}}.is_utf8());
    CHECK(http::MediaType{"text/plain", "utf-8"}.is_utf8());
    CHECK_FALSE(http::MediaType{"text/plain", "latin1"}.is_utf8());
    CHECK_FALSE(http::MediaType{"text/plain", ""}.is_utf8());
}

TEST_SUITE_END();
