// The command line of every step: its words, long options, their checks, the usage line and --help.
// No step teaches it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace lab {

/// The command line is wrong: what() says how, and ends with the usage line.
struct UsageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The long options of one command, each bound to a variable that keeps its default unless parse()
/// finds the option. The variables must outlive it. One thread uses it, before any other starts.
class Options {
 public:
    /// `command` begins the usage line: "01_tcp_echo server".
    explicit Options(std::string command) : command_(std::move(command)) {}
    Options(const Options&) = delete;
    Options& operator=(const Options&) = delete;

    // Each option is declared with its `meaning`, for --help, which adds the default. `value_name`
    // stands for the value there and in the usage line, and names the unit of a number.

    /// --name VALUE: any text.
    void text(const std::string& name, const std::string& value_name, std::string& variable,
              const std::string& meaning);
    /// --name VALUE, as often as wanted: each value is appended.
    void texts(const std::string& name, const std::string& value_name,
               std::vector<std::string>& variable, const std::string& meaning);
    /// --name VALUE: a whole number in decimal from `least` to `most`, for a variable of any type
    /// of number that holds these. A default outside of them says that there is none.
    template <class Number>
    void number(const std::string& name, const std::string& value_name, Number& variable,
                std::int64_t least, std::int64_t most, const std::string& meaning) {
        add_number(name, value_name, static_cast<std::int64_t>(variable), least, most, meaning,
                   [&variable](std::int64_t value) { variable = static_cast<Number>(value); });
    }
    /// --name P: a number from 0 to 1, as 0.3 or 1.
    void probability(const std::string& name, double& variable, const std::string& meaning);
    /// --name ONE|OTHER: one of the words `choices`.
    void choice(const std::string& name, const std::vector<std::string>& choices,
                std::string& variable, const std::string& meaning);
    /// --name: makes `variable` true.
    void flag(const std::string& name, bool& variable, const std::string& meaning);
    /// A word without dashes in front of it. It may be left out if `variable` has a default.
    void word(const std::string& value_name, std::string& variable, const std::string& meaning);
    /// --host ADDRESS and --port N of a server: 0 to 65535.
    void own_address(std::string& host, std::int64_t& port);
    /// --host ADDRESS and --port N of the server that a client talks to: 1 to 65535.
    void server_address(std::string& host, std::int64_t& port);
    /// --trace, which every step has.
    void trace(bool& variable);
    /// --capture FILE, which every step has: parse() starts the capture.
    void capture();

    /// Reads the command line, where argv[0] is the command's own word, and fills the variables.
    /// Throws UsageError for an unknown option, a missing or bad value or a word too many; --help
    /// prints help() and exits with 0. Throws std::system_error if the file of --capture cannot be
    /// created. Source: getopt_long(3).
    void parse(int argc, char** argv) const;

    /// What --help prints: lines with their ends.
    [[nodiscard]] std::string help() const;

    /// Throws UsageError: `what`, with the usage line. It is for values that only the caller can
    /// check.
    [[noreturn]] void reject(const std::string& what) const;

 private:
    struct Option {
        std::string name;
        std::string value_name;  // empty: it takes no value
        std::string meaning;
        std::string default_value;  // empty: there is none to show
        std::function<void(const std::string&)> take;
    };
    struct Word {
        std::string value_name;
        std::string meaning;
        std::string default_value;
        std::string* variable;
    };
    void add_number(const std::string& name, const std::string& value_name,
                    std::int64_t default_value, std::int64_t least, std::int64_t most,
                    const std::string& meaning, const std::function<void(std::int64_t)>& set);
    [[nodiscard]] std::string usage() const;

    std::string command_;
    std::string capture_file_;
    std::vector<Option> options_;
    std::vector<Word> words_;
};

/// A command, such as `server`: gets its own word and what follows it, returns the exit status.
using Command = int (*)(int argc, char** argv);

/// The main function of every step: opens the standard descriptors that are closed, and runs the
/// command of `commands` that the first argument names. Returns its exit status; 1 with one line
/// `NAME: what: reason` on stderr if it threw, or if what it printed did not reach standard output;
/// 2 with the usage line if the command line was wrong.
int run_program(const std::string& name, const std::map<std::string, Command>& commands, int argc,
                char** argv);
/// The same for a program that has a single command, and so no word for it: it gets argv as it is.
int run_program(const std::string& name, Command command, int argc, char** argv);

}  // namespace lab
