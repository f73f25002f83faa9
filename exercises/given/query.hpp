// Queries and forms, "after=7&name=Ada%20L": names and values with percent signs (RFC 3986, 2.1).
#pragma once
#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string>

#include "http.hpp"

// The text behind percent signs; + is a space, as in forms.
inline std::string percent_decoded(std::string text) {
    std::ranges::replace(text, '+', ' ');
    for (std::size_t at = 0; (at = text.find('%', at)) != std::string::npos; ++at) {
        const long byte = std::strtol(text.substr(at + 1, 2).c_str(), nullptr, 16);
        text.replace(at, 3, 1, static_cast<char>(byte));
    }
    return text;
}

// {name: value} of a query or a form. Of two values with one name the first counts.
inline Fields fields_of(const std::string& query) {
    Fields fields;
    std::istringstream parts(query);
    for (std::string part; std::getline(parts, part, '&');) {
        const std::size_t equals = std::min(part.find('='), part.size());
        const std::string value = part.substr(std::min(equals + 1, part.size()));
        fields.emplace(percent_decoded(part.substr(0, equals)), percent_decoded(value));
    }
    return fields;
}
