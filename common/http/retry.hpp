// How a client reads a refusal: whether it may try again, and when. It knows no sockets.
#pragma once

#include <chrono>
#include <string_view>

#include "common/http/head.hpp"

namespace http {

/// Whether a refusal with `status` can pass, so that the same request may do better later: 408,
/// 429, 500, 502, 503 and 504, for which curl tries again with --retry. Source: RFC 9110, section
/// 15; RFC 6585, section 4; curl(1).
bool can_pass(int status);

/// Whether `status` says that the server has done nothing with the request, so that even a request
/// that must not be done twice can be sent again: 408, 429 and 503. Source: RFC 9110, sections
/// 15.5.9 and 15.6.4; RFC 6585, section 4.
bool did_nothing(int status);

/// The wait that `value`, of a field Retry-After, asks for; 0 if it is no number of seconds: a date
/// is not read, because the clock of this machine may be wrong. Source: RFC 9110, section 10.2.3.
std::chrono::milliseconds retry_after(std::string_view value);

/// The same for the field in `response`; 0 if there is none.
std::chrono::milliseconds retry_after(const Head& response);

}  // namespace http
