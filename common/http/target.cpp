#include "common/http/target.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "common/byte_set.hpp"
#include "common/number.hpp"

namespace http {
namespace {

constexpr lab::ByteSet kUnreserved(
    "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
// Further ones of a host's name: RFC 3986, section 3.2.2, without the comma, which could come from
// two Host fields that a proxy has joined.
constexpr lab::ByteSet kOfHosts("!$&'()*+;=%");

// Decodes `text`. Returns false if a % in it stands alone.
bool decode(std::string& text, bool plus_is_space) {
    std::size_t end = 0;  // of what is decoded
    for (std::size_t i = 0; i < text.size(); ++i) {
        char byte = text[i] == '+' && plus_is_space ? ' ' : text[i];
        if (byte == '%') {
            const std::string_view digits = std::string_view(text).substr(i + 1, 2);
            const auto number = lab::number_in<std::uint8_t>(digits, 16);
            if (digits.size() < 2 || !number) return false;
            byte = static_cast<char>(*number);
            i += 2;
        }
        text[end++] = byte;
    }
    text.resize(end);
    return true;
}

// A host between brackets: one address can be written in many ways, and one way is RFC 5952's.
std::optional<std::string> ipv6_host(std::string_view text) {
    in6_addr address{};
    std::array<char, INET6_ADDRSTRLEN> canonical{};
    if (inet_pton(AF_INET6, std::string(text).c_str(), &address) != 1) return std::nullopt;
    inet_ntop(AF_INET6, &address, canonical.data(), canonical.size());
    std::string host = "[";
    return host.append(canonical.data()).append("]");
}

// An IPv4 address is such a name too.
bool is_host_name(std::string_view text) {
    const auto fits = [](char byte) { return kUnreserved.has(byte) || kOfHosts.has(byte); };
    std::string name(text);
    return std::ranges::all_of(text, fits) && decode(name, false);
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) {
    const bool bracketed = text.starts_with('[');
    const std::size_t end = std::min(text.find(bracketed ? ']' : ':'), text.size());
    std::string_view rest = text.substr(end);
    Authority authority;
    if (bracketed) {
        const auto host = ipv6_host(text.substr(1, std::max<std::size_t>(end, 1) - 1));
        if (!host || rest.empty()) return std::nullopt;
        rest.remove_prefix(1);
        authority.host = *host;
    } else {
        if (!is_host_name(text.substr(0, end))) return std::nullopt;
        authority.host = lower_case(text.substr(0, end));
    }
    if (rest.size() > 1) authority.port = lab::number_in<std::uint16_t>(rest.substr(1));
    const bool valid = rest.empty() || (rest[0] == ':' && (rest.size() == 1 || authority.port));
    return valid ? std::optional(authority) : std::nullopt;
}

std::optional<std::string> value_in(const std::vector<Field>& fields, std::string_view name) {
    const auto found = std::ranges::find(fields, name, &Field::name);
    if (found == fields.end()) return std::nullopt;
    return found->value;
}

std::optional<std::vector<Field>> parse_form(std::string_view text) {
    std::vector<Field> fields;
    // Most forms have no more fields: their room is made at once, which costs less than to grow.
    fields.reserve(4);
    // Mostly there is nothing to decode in any of them.
    constexpr auto kNone = std::string_view::npos;
    const bool encoded = text.find('%') != kNone || text.find('+') != kNone;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(part.size() + 1, text.size()));
        if (part.empty()) continue;
        const std::size_t equals = std::min(part.find('='), part.size());
        Field& field = fields.emplace_back(part.substr(0, equals),
                                           part.substr(std::min(equals + 1, part.size())));
        if (encoded && !(decode(field.name, true) && decode(field.value, true)))
            return std::nullopt;
    }
    return fields;
}

std::optional<Target> parse_target(std::string_view target) {
    if (target == "*") return Target{"*", {}};
    std::string_view authority;
    if (!target.starts_with('/')) {
        // Clients send the absolute form to a proxy, and a server has to accept it too.
        constexpr std::string_view kScheme = "http://";
        if (lower_case(target.substr(0, kScheme.size())) != kScheme) return std::nullopt;
        target.remove_prefix(kScheme.size());
        authority = target.substr(0, target.find_first_of("/?"));
        if (authority.empty() || authority[0] == ':' || !parse_authority(authority))
            return std::nullopt;
        target.remove_prefix(authority.size());
    }
    // A browser keeps the part behind a # for itself. Two readers could disagree about it.
    if (target.find('#') != std::string_view::npos) return std::nullopt;
    const std::size_t question = std::min(target.find('?'), target.size());
    std::string path(question > 0 ? target.substr(0, question) : "/");
    auto arguments = parse_form(target.substr(std::min(question + 1, target.size())));
    if (!arguments || (path.find('%') != std::string::npos && !decode(path, false)))
        return std::nullopt;
    return Target{std::move(path), std::move(*arguments), std::string(authority)};
}

std::optional<Refusal> parse_target(const Head& request, Target& target) {
    const auto hosts = request.values("Host");
    if (hosts.size() > 1) return bad_request("there is more than one Host");
    if (hosts.empty() && request.minor_version > 0) return bad_request("there is no Host");
    if (!hosts.empty() && !parse_authority(hosts[0]))
        return bad_request("the Host is not a name or an address, with or without a port");
    if (request.method == "CONNECT") return Refusal{501, "no tunnels are made here", {}};
    auto parsed = parse_target(request.target);
    if (!parsed || (parsed->path == "*" && request.method != "OPTIONS"))
        return bad_request("the target is no path, or a % in it stands alone");
    target = std::move(*parsed);
    if (target.authority.empty() && !hosts.empty()) target.authority = hosts[0];
    return std::nullopt;
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (kUnreserved.has(c))
            encoded += c;
        else
            encoded += {'%', kDigits[byte >> 4], kDigits[byte & 0xF]};
    }
    return encoded;
}

}  // namespace http
