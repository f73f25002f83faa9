#include "common/options.hpp"

#include <getopt.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iostream>

#include "common/capture.hpp"
#include "common/number.hpp"
#include "common/output.hpp"
#include "common/standard_descriptors.hpp"
#include "common/visible.hpp"

namespace lab {

void Options::text(const std::string& name, const std::string& value_name, std::string& variable,
                   const std::string& meaning) {
    options_.push_back(
        {name, value_name, meaning, variable, [&](const std::string& value) { variable = value; }});
}

void Options::texts(const std::string& name, const std::string& value_name,
                    std::vector<std::string>& variable, const std::string& meaning) {
    options_.push_back({name, value_name, meaning, "",
                        [&](const std::string& value) { variable.push_back(value); }});
}

void Options::add_number(const std::string& name, const std::string& value_name,
                         std::int64_t default_value, std::int64_t least, std::int64_t most,
                         const std::string& meaning, const std::function<void(std::int64_t)>& set) {
    const bool has_default = default_value >= least && default_value <= most;
    const auto take = [=, this](const std::string& value) {
        const auto number = number_in<std::int64_t>(value);
        if (!number || *number < least || *number > most) {
            reject("--" + name + ": '" + value + "' is not a number from " + std::to_string(least) +
                   " to " + std::to_string(most));
        }
        set(*number);
    };
    options_.push_back(
        {name, value_name, meaning, has_default ? std::to_string(default_value) : "", take});
}

void Options::probability(const std::string& name, double& variable, const std::string& meaning) {
    const auto take = [=, this, &variable](const std::string& value) {
        // strtod takes spaces, "inf", "nan" and hexadecimal too. (std::from_chars does not, but the
        // C++ library of macOS lacks it for double.)
        const bool decimal = value.find_first_not_of("0123456789.e-") == std::string::npos;
        char* end = nullptr;
        const double number = std::strtod(value.c_str(), &end);
        const bool within = number >= 0 && number <= 1;
        if (value.empty() || !decimal || *end != '\0' || !within)
            reject("--" + name + ": '" + value + "' is not a probability from 0 to 1");
        variable = number;
    };
    options_.push_back({name, "P", meaning, "", take});
}

void Options::choice(const std::string& name, const std::vector<std::string>& choices,
                     std::string& variable, const std::string& meaning) {
    std::string names;
    for (const std::string& choice : choices) names += (names.empty() ? "" : "|") + choice;
    const auto take = [=, this, &variable](const std::string& value) {
        if (std::find(choices.begin(), choices.end(), value) == choices.end())
            reject("--" + name + ": '" + value + "' is not one of " + names);
        variable = value;
    };
    options_.push_back({name, names, meaning, variable, take});
}

void Options::flag(const std::string& name, bool& variable, const std::string& meaning) {
    options_.push_back({name, "", meaning, "", [&](const std::string&) { variable = true; }});
}

void Options::word(const std::string& value_name, std::string& variable,
                   const std::string& meaning) {
    words_.push_back({value_name, meaning, variable, &variable});
}

void Options::own_address(std::string& host, std::int64_t& port) {
    text("host", "ADDRESS", host, "the server's address, or its name");
    number("port", "N", port, 0, 65535, "the server's port; 0 takes any free one");
}

void Options::server_address(std::string& host, std::int64_t& port) {
    text("host", "ADDRESS", host, "the server's address, or its name");
    number("port", "N", port, 1, 65535, "the server's port");
}

void Options::trace(bool& variable) {
    flag("trace", variable, "show on stderr what goes over the wire");
}

void Options::capture() {
    const auto take = [this](const std::string& value) {
        if (value.empty()) reject("--capture needs the name of a file");
        capture_file_ = value;
    };
    options_.push_back(
        {"capture", "FILE", "record in FILE (pcapng) what goes over the wire", "", take});
}

void Options::parse(int argc, char** argv) const {
    std::vector<option> known;
    for (const Option& o : options_) {
        known.push_back(
            {o.name.c_str(), o.value_name.empty() ? no_argument : required_argument, nullptr, 0});
    }
    known.push_back({"help", no_argument, nullptr, 'h'});
    known.push_back({nullptr, 0, nullptr, 0});

    opterr = 0;  // we say ourselves what is wrong
    for (int which = 0, found = 0;
         (found = getopt_long(argc, argv, ":", known.data(), &which)) != -1;) {
        std::string word = argv[optind - 1];
        // getopt takes the `-port` of a hurried user for -p -o -r -t, and has not left it yet.
        const bool in_the_middle =
            found == '?' && optopt != 0 && word != std::string{'-', static_cast<char>(optopt)};
        if (in_the_middle) word = argv[optind];
        if (found == 'h') {
            std::cout << help();
            flush_output();
            std::exit(EXIT_SUCCESS);
        }
        if (found == ':') reject(word + " needs a value");
        if (found == '?') reject("unknown option " + word);
        options_[static_cast<std::size_t>(which)].take(optarg ? optarg : "");
    }
    for (const Word& word : words_) {
        if (optind < argc) {
            *word.variable = argv[optind++];
        } else if (word.default_value.empty()) {
            reject(word.value_name + " is missing");
        }
    }
    if (optind < argc) reject("unexpected word '" + std::string(argv[optind]) + "'");
    if (!capture_file_.empty()) capture::start(capture_file_, command_);
}

std::string Options::usage() const {
    std::string line = "usage: " + command_;
    for (const Option& o : options_)
        line += " [--" + o.name + (o.value_name.empty() ? "" : " " + o.value_name) + "]";
    for (const Word& word : words_) {
        const bool needed = word.default_value.empty();
        line += needed ? " " + word.value_name : " [" + word.value_name + "]";
    }
    return line;
}

std::string Options::help() const {
    // The option as it is given, and its meaning.
    std::vector<std::pair<std::string, std::string>> lines;
    const auto add = [&](const std::string& given, const std::string& meaning,
                         const std::string& default_value) {
        const std::string end = default_value.empty() ? "" : " (default " + default_value + ")";
        lines.emplace_back("  " + given, meaning + end);
    };
    for (const Option& o : options_) {
        add("--" + o.name + (o.value_name.empty() ? "" : " " + o.value_name), o.meaning,
            o.default_value);
    }
    for (const Word& word : words_) add(word.value_name, word.meaning, word.default_value);
    std::size_t width = 0;
    for (const auto& [given, meaning] : lines) width = std::max(width, given.size());
    std::string text = usage() + "\n\n";
    for (const auto& [given, meaning] : lines)
        text.append(given).append(width - given.size() + 2, ' ').append(meaning).append("\n");
    return text;
}

void Options::reject(const std::string& what) const {
    throw UsageError(what + "\n" + usage());
}

namespace {

// Runs `work` with the standard descriptors open, and turns exceptions into a message and a status.
int status_of(const std::string& name, const std::function<int()>& work) {
    try {
        open_standard_descriptors();
        const int status = work();
        flush_output();
        return status;
    } catch (const UsageError& error) {
        std::cerr << name << ": " << without_controls(error.what()) << '\n';
        return 2;
    } catch (const std::exception& error) {
        std::cerr << name << ": " << one_line(error.what()) << '\n';
        return EXIT_FAILURE;
    }
}

}  // namespace

int run_program(const std::string& name, const std::map<std::string, Command>& commands, int argc,
                char** argv) {
    std::string usage = "usage: " + name + " ";
    for (const auto& [word, command] : commands)
        usage += (word == commands.begin()->first ? "" : "|") + word;
    usage += " [options]   (--help after the command lists them)";
    return status_of(name, [&] {
        const std::string word = argc > 1 ? argv[1] : "";
        if (word == "--help") {
            std::cout << usage << '\n';
            return EXIT_SUCCESS;
        }
        const auto found = commands.find(word);
        if (found == commands.end()) {
            throw UsageError((word.empty() ? "no command" : "unknown command '" + word + "'") +
                             "\n" + usage);
        }
        return found->second(argc - 1, argv + 1);
    });
}

int run_program(const std::string& name, Command command, int argc, char** argv) {
    return status_of(name, [&] { return command(argc, argv); });
}

}  // namespace lab
