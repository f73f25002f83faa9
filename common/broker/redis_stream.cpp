#include "common/broker/redis_stream.hpp"

#include "common/number.hpp"

namespace lab {
namespace {

// A message that is sent again with its key, perhaps to another server, is added once. The broker
// runs this as one step, so no other server's command comes between its lines.
// lesson: script
constexpr std::string_view kAddOnce = R"(local known = redis.call('GET', KEYS[2])
if known then return known end
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '0-*', unpack(ARGV, 3))
redis.call('SET', KEYS[2], id, 'EX', ARGV[2])
return id)";
// lesson end

}  // namespace

Words add_command(const std::string& room, const EntryFields& fields, const std::string& key,
                  std::size_t history, std::int64_t key_life) {
    const std::string most = std::to_string(history);
    Words words;
    if (key.empty()) {
        words = {"XADD", room, "MAXLEN", "~", most, "0-*"};
    } else {
        words = {"EVAL", std::string(kAddOnce),   "2", room, room + ":key:" + key,
                 most,   std::to_string(key_life)};
    }
    for (const auto& [name, value] : fields) words.insert(words.end(), {name, value});
    return words;
}

std::string id_of(std::uint64_t number) {
    return "0-" + std::to_string(number);
}

std::optional<std::uint64_t> number_of(const RespValue& id) {
    if (!id.text.starts_with("0-")) return std::nullopt;
    return number_in<std::uint64_t>(std::string_view(id.text).substr(2));
}

std::optional<StreamEntry> take_stream_entry(RespValue& value) {
    const auto number = value.items.size() == 2 ? number_of(value.items[0]) : std::nullopt;
    if (!number) return std::nullopt;
    StreamEntry entry{*number, {}};
    std::vector<RespValue>& words = value.items[1].items;
    for (std::size_t i = 0; i + 1 < words.size(); i += 2)
        entry.fields.emplace_back(std::move(words[i].text), std::move(words[i + 1].text));
    return entry;
}

const RespValue* value_behind(std::string_view name, const RespValue& map) {
    for (std::size_t i = 0; i + 1 < map.items.size(); i += 2)
        if (map.items[i].text == name) return &map.items[i + 1];
    return nullptr;
}

}  // namespace lab
