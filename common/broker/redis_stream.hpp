// A room as a stream of Redis: the commands that add to it, and what its replies mean. It knows no
// sockets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/resp.hpp"

namespace lab {

/// What an entry says: names and values, any bytes. Everybody who may write to the broker may have
/// written them, so a reader checks them.
using EntryFields = std::vector<std::pair<std::string, std::string>>;

/// An entry of a stream.
struct StreamEntry {
    std::uint64_t number = 0;
    EntryFields fields;
};

/// The words of a command; they are good as long as what they were made of.
using Words = std::vector<std::string>;

/// The command that adds an entry of `fields` to the stream `room`, under the next number, and lets
/// Redis forget all but the last `history` entries, or a few more. With a `key` it does so only if
/// none was added with this key within `key_life` seconds. The reply is the id, or that of the
/// earlier one. Source: XADD, EVAL; partial ids such as 0-* need version 7.
Words add_command(const std::string& room, const EntryFields& fields, const std::string& key,
                  std::size_t history, std::int64_t key_life);

/// The id of the entry `number`: "0-17". Redis orders ids by time, then by number; where the time
/// is always 0, the numbers are those that the steps have without it.
std::string id_of(std::uint64_t number);
/// The number in `id`; none if it is not "0-N".
std::optional<std::uint64_t> number_of(const RespValue& id);

/// The entry that `value`, an item of XREAD's reply, is: its id, and an array of names and values.
/// Its texts are moved away. None if it is something else.
std::optional<StreamEntry> take_stream_entry(RespValue& value);

/// The value behind `name` in a map, which RESP 2 writes as an array of names and values; null if
/// there is none.
const RespValue* value_behind(std::string_view name, const RespValue& map);

}  // namespace lab
