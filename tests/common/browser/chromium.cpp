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
    // The suite's has ended: then the case starts one of its own.
    setenv(kSharedChromium, "ws://127.0.0.1:1/", 1);
    {
        Browser browser;
        CHECK(browser.evaluate("1 + 1") == "2");
    }
    CHECK(std::filesystem::is_empty(home.path()));
    CHECK(std::filesystem::is_empty(temporary.path()));
    unsetenv("TMPDIR");
}

TEST_CASE("pages in one browser have storage of their own") {
    if (!Browser::is_there()) return;
    const ScratchDirectory directory;
    std::ofstream(directory.file("page.html")) << "<p>a page";
    Browser one;
    Browser other;
    for (Browser* const page : {&one, &other}) page->open("file://" + directory.file("page.html"));
    one.evaluate("localStorage.setItem('name', 'one')");
    CHECK(one.evaluate("localStorage.getItem('name')") == "one");
    CHECK(other.evaluate("localStorage.getItem('name')") == "null");
}

TEST_CASE("a command gets a browser beside it, which ends with the command") {
    if (!Browser::is_there()) return;
    unsetenv(kSharedChromium);
    const ScratchDirectory temporary;
    setenv("TMPDIR", temporary.path().c_str(), 1);
    Program program({LAB_WITH_CHROMIUM, "sh", "-c", "echo $LAB_CHROMIUM; exit 3"});
    const std::string url = program.read_line("it tells the command where the browser is");
    CHECK(url.starts_with("ws://127.0.0.1:"));
    program.expect_exit(3, "the exit status is the command's");
    CHECK(std::filesystem::is_empty(temporary.path()));
    unsetenv("TMPDIR");
}

TEST_SUITE_END();
