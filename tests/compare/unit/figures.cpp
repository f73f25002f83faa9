// Unit tests of statistics, and of transports' names.
#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include "compare/measure/statistics.hpp"
#include "compare/participants/participant.hpp"

using namespace compare;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("unit");

TEST_CASE("percentiles are of the nearest rank") {
    std::vector<double> hundred;
    for (int i = 100; i > 0; --i) hundred.push_back(i);
    const Sample sample(hundred);
    CHECK(sample.percentile(50) == 50);
    CHECK(sample.percentile(99) == 99);
    CHECK(sample.percentile(99.1) == 100);
    CHECK(sample.percentile(0) == 1);
    CHECK(sample.percentile(100) == 100);
    CHECK(Sample({7}).percentile(1) == 7);
    CHECK(Sample({3, 1, 2}).percentile(50) == 2);
    CHECK(Sample({3, 1, 2}).percentile(67) == 3);
}

TEST_CASE("transports have names, and polling any interval") {
    CHECK(find_transport("sse").step == "06_sse");
    CHECK(find_transport("ajax-250").interval == 250ms);
    CHECK(find_transport("ajax-250").title == "AJAX every 250 ms");
    CHECK(find_transport("ajax-5000").title == "AJAX every 5 s");
    CHECK(find_transport("ajax-5000").keep_alive->short_period == 500ms);
    CHECK(find_transport("ajax-100").keep_alive->short_period == 100ms);
    for (const std::string step : {"01", "02", "03", "04", "05", "06", "07"})
        CHECK(transport_of_step(step).step.starts_with(step));
    CHECK(transport_of_step("07_longpoll").kind == ConnectionKind::long_polling);
    CHECK_THROWS_AS(transport_of_step("08"), std::runtime_error);
    for (const char* const bad : {"", "carrier pigeon", "ajax-", "ajax-0", "ajax-5s", "ajax-99999"})
        CHECK_THROWS_AS(find_transport(bad), std::runtime_error);
    for (const std::string& name : kDefaultTransports) CHECK(find_transport(name).name == name);
    CHECK(without_name("User: hello") == "hello");
    CHECK_THROWS_AS(without_name("hello"), std::runtime_error);
}

TEST_SUITE_END();
