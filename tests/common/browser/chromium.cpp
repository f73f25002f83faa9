// Tests of the browser that the tests of the pages drive.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/browser.hpp"
#include "tests/support/scratch_directory.hpp"

using namespace lab::test;

TEST_SUITE_BEGIN("unit");

TEST_CASE("a file that is called as Chromium is and cannot be run is no browser") {
    const std::string path = getenv("PATH");
    const ScratchDirectory directory;
    for (const char* const name :
         {"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"}) {
        std::ofstream(directory.file(name)) << "#!/bin/sh\necho 'install the snap'; exit 1\n";
        std::filesystem::permissions(directory.file(name), std::filesystem::perms::owner_all);
    }
    setenv("PATH", (directory.path().string() + ":/nowhere").c_str(), 1);
    CHECK(name_of_chromium().empty());
    std::ofstream(directory.file("chromium-browser")) << "#!/bin/sh\necho 'Chromium 100'\n";
    CHECK(name_of_chromium() == "chromium-browser");
    setenv("PATH", path.c_str(), 1);
}

TEST_CASE("a browser leaves nothing behind") {
    if (!Browser::is_there()) return;
    const ScratchDirectory home;
    const ScratchDirectory temporary;
    setenv("HOME", home.path().c_str(), 1);
    for (const char* const variable : {"XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"})
        unsetenv(variable);
    setenv("TMPDIR", temporary.path().c_str(), 1);
    {
        Browser browser;
        CHECK(browser.evaluate("1 + 1") == "2");
    }
    CHECK(std::filesystem::is_empty(home.path()));
    CHECK(std::filesystem::is_empty(temporary.path()));
}

TEST_SUITE_END();
