#include "tests/support/chromium.hpp"

#include <cstdlib>
#include <stdexcept>

namespace lab::test {
namespace {

std::vector<std::string> command(const ScratchDirectory& scratch,
                                 const std::vector<std::string>& options) {
    // All that it writes goes to the scratch directory.
    std::vector<std::string> command{"env"};
    for (const char* const variable : {"HOME=", "TMPDIR=", "XDG_CONFIG_HOME=", "XDG_CACHE_HOME=",
                                       "XDG_DATA_HOME=", "XDG_RUNTIME_DIR="})
        command.push_back(variable + scratch.path().string());
    command.insert(command.end(),
                   {name_of_chromium(), "--headless", "--remote-debugging-port=0",
                    "--user-data-dir=" + scratch.file("profile"),
                    // Root, as in a container, has no sandbox; what is loaded here is ours alone.
                    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
                    "--no-first-run", "--disable-background-networking",
                    "--disable-component-update", "--disable-sync"});
    command.insert(command.end(), options.begin(), options.end());
    command.emplace_back("about:blank");
    return command;
}

}  // namespace

std::string name_of_chromium() {
    for (const std::string name :
         {"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"}) {
        if (std::system((name + " --version >/dev/null 2>&1").c_str()) == 0) return name;
    }
    return "";
}

Chromium::Chromium(const std::vector<std::string>& options) : program_(command(scratch_, options)) {
    const std::string announcement = "DevTools listening on ";
    // The address is complete when its line is.
    if (!program_.prints_error("/devtools/browser/"))
        throw std::runtime_error("Chromium did not start: " + program_.errors());
    url_ = program_.errors();
    url_ = url_.substr(url_.find(announcement) + announcement.size());
    url_ = url_.substr(0, url_.find_first_of("\r\n"));
}

}  // namespace lab::test
