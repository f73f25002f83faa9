// SIGTERM at the worst moment: when a server has looked at its flag and has not yet begun to wait.
// From outside nobody can hit that moment, so the server runs in the test's own process, and a
// function of the test stands before the call of the C library that it is about to wait in.
#pragma once

#include <dlfcn.h>

#include <functional>
#include <string>

#include "tests/support/report.hpp"

namespace lab::test {

/// The C library's function `name`, for the test's own of that name, which the linker prefers.
/// Source: dlsym(3), RTLD_NEXT.
template <class Call>
Call library_call(const char* name) {
    return reinterpret_cast<Call>(dlsym(RTLD_NEXT, name));
}

/// Calls `server` in a process of its own, which SIGTERM hits just before it waits in `call`: it
/// has to return, within kDeadline.
void expect_end_before(const std::string& call, const std::function<void()>& server,
                       Place place = Place::here());

}  // namespace lab::test
