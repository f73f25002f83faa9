// Unit tests of the command line.
#include <doctest/doctest.h>
#include <getopt.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/options.hpp"

namespace {

const std::string kUsage =
    "usage: sample server [--host ADDRESS] [--port N] [--limit BYTES] [--poll MS] [--chance P]"
    " [--mode one|other] [--trace] [URL]";

// Options as a server has them, and what they were set to.
struct Sample {
    std::string host = "127.0.0.1";
    std::int64_t port = 12345;
    std::int64_t limit = 7;
    std::int64_t poll = -1;
    std::string url = "ws://here";
    double chance = 0.5;
    std::string mode = "one";
    bool trace = false;

    void declare(lab::Options& options) {
        options.own_address(host, port);
        options.number("limit", "BYTES", limit, 1, 10, "longest line");
        options.number("poll", "MS", poll, 1, 10, "time between two questions");
        options.probability("chance", chance, "probability of it");
        options.choice("mode", {"one", "other"}, mode, "how it is done");
        options.trace(trace);
        options.word("URL", url, "the server");
    }
    void parse(std::vector<std::string> words) {
        words.insert(words.begin(), "server");
        std::vector<char*> arguments;
        for (std::string& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        lab::Options options("sample server");
        declare(options);
        optind = 0;  // forget the last command line: a program has only one
        options.parse(static_cast<int>(words.size()), arguments.data());
    }
    std::string complaint(const std::vector<std::string>& words) {
        try {
            parse(words);
        } catch (const lab::UsageError& error) {
            return error.what();
        }
        return "none";
    }
};

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("help says of each option what it means and what it is by default") {
    Sample sample;
    lab::Options options("sample server");
    sample.declare(options);
    CHECK(options.help() ==
          kUsage +
              "\n"
              "\n"
              "  --host ADDRESS    the server's address, or its name (default 127.0.0.1)\n"
              "  --port N          the server's port; 0 takes any free one (default 12345)\n"
              "  --limit BYTES     longest line (default 7)\n"
              "  --poll MS         time between two questions\n"
              "  --chance P        probability of it\n"
              "  --mode one|other  how it is done (default one)\n"
              "  --trace           show on stderr what goes over the wire\n"
              "  URL               the server (default ws://here)\n");
}

TEST_CASE("options keep their defaults until they are given") {
    Sample sample;
    sample.parse({});
    CHECK(sample.port == 12345);
    CHECK_FALSE(sample.trace);
    sample.parse({"--port", "0", "--host=::1", "--mode", "other", "--trace", "--limit", "10"});
    CHECK(sample.port == 0);
    CHECK(sample.host == "::1");
    CHECK(sample.mode == "other");
    CHECK(sample.limit == 10);
    CHECK(sample.trace);
    for (const auto& [text, chance] :
         {std::pair{"0", 0.0}, {"1", 1.0}, {"0.25", 0.25}, {"1e-3", 0.001}}) {
        sample.parse({"--chance", text});
        CHECK(sample.chance == chance);
    }
}

TEST_CASE("a word without a default has to be given") {
    std::string key;
    lab::Options options("sample explain");
    options.word("KEY", key, "what to explain");
    CHECK(options.help() == "usage: sample explain KEY\n\n  KEY  what to explain\n");
    std::string command = "explain";
    std::string word = "abc";
    std::vector<char*> arguments{command.data(), nullptr};
    optind = 0;
    CHECK_THROWS_WITH_AS(options.parse(1, arguments.data()),
                         "KEY is missing\nusage: sample explain KEY", lab::UsageError);
    arguments = {command.data(), word.data(), nullptr};
    optind = 0;
    options.parse(2, arguments.data());
    CHECK(key == "abc");
}

TEST_CASE("options say what is wrong and how it would be right") {
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
        {{"--limit", "0"}, "--limit: '0' is not a number from 1 to 10"},
        {{"--limit", "11"}, "--limit: '11' is not a number from 1 to 10"},
        {{"--limit", "5x"}, "--limit: '5x' is not a number from 1 to 10"},
        {{"--limit", ""}, "--limit: '' is not a number from 1 to 10"},
        {{"--limit", " 5"}, "--limit: ' 5' is not a number from 1 to 10"},
        {{"--limit", "99999999999999999999"},
         "--limit: '99999999999999999999' is not a number from 1 to 10"},
        {{"--port", "99999999999999999999"},
         "--port: '99999999999999999999' is not a number from 0 to 65535"},
        {{"--chance", "1.5"}, "--chance: '1.5' is not a probability from 0 to 1"},
        {{"--chance", "-0.1"}, "--chance: '-0.1' is not a probability from 0 to 1"},
        {{"--chance", "nan"}, "--chance: 'nan' is not a probability from 0 to 1"},
        {{"--chance", "inf"}, "--chance: 'inf' is not a probability from 0 to 1"},
        {{"--chance", "1e999"}, "--chance: '1e999' is not a probability from 0 to 1"},
        {{"--chance", "0.5x"}, "--chance: '0.5x' is not a probability from 0 to 1"},
        {{"--chance", "0,5"}, "--chance: '0,5' is not a probability from 0 to 1"},
        {{"--chance", ""}, "--chance: '' is not a probability from 0 to 1"},
        {{"--mode", "third"}, "--mode: 'third' is not one of one|other"},
        {{"--limit"}, "--limit needs a value"},
        {{"--nothing"}, "unknown option --nothing"},
        {{"-x"}, "unknown option -x"},
        {{"-port", "5000"}, "unknown option -port"},
        {{"--limit", "5", "-port"}, "unknown option -port"},
        {{"--trace=yes"}, "unknown option --trace=yes"},
        {{"ws://there", "word"}, "unexpected word 'word'"},
    };
    for (const auto& [words, complaint] : cases)
        CHECK(Sample().complaint(words) == std::string(complaint).append("\n").append(kUsage));
}

TEST_SUITE_END();
