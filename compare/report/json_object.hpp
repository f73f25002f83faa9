// One JSON object, as it is written.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "common/json.hpp"
#include "common/utf8.hpp"
#include "common/visible.hpp"
#include "compare/measure/statistics.hpp"

namespace compare {

/// The members of one JSON object, in the order in which they are added.
class JsonObject {
 public:
    /// `json` is the value, as it has to stand there.
    JsonObject& raw(const std::string& name, const std::string& json) {
        text_ += (text_.empty() ? "\"" : ",\"") + name + "\":" + json;
        return *this;
    }
    /// At most six digits: nothing is measured more exactly.
    JsonObject& add(const std::string& name, double value) {
        std::array<char, 32> figures{};
        std::snprintf(figures.data(), figures.size(), "%.6g", value);
        return raw(name, figures.data());
    }
    JsonObject& add(const std::string& name, std::unsigned_integral auto value) {
        return raw(name, std::to_string(value));
    }
    /// No member without a value.
    JsonObject& add(const std::string& name, std::optional<double> value) {
        return value ? add(name, *value) : *this;
    }
    /// Bytes that are not UTF-8 are shown as `\xNN`.
    JsonObject& add(const std::string& name, const std::string& text) {
        std::string json;
        lab::append_json_string(json, lab::is_utf8(text) ? text : lab::visible(text, text.size()));
        return raw(name, json);
    }
    JsonObject& add(const std::string& name, const JsonObject& object) {
        return raw(name, object.text());
    }
    /// Null if the sample is empty.
    JsonObject& add(const std::string& name, const Sample& sample) {
        if (sample.values().empty()) return raw(name, "null");
        JsonObject object;
        object.add("count", sample.values().size()).add("p50", sample.percentile(50));
        return add(name,
                   object.add("p99", sample.percentile(99)).add("max", sample.percentile(100)));
    }
    /// A list, with each object on a line of its own.
    JsonObject& add(const std::string& name, const std::vector<JsonObject>& objects) {
        std::string list;
        for (const JsonObject& object : objects)
            list += (list.empty() ? "" : ",\n") + object.text();
        return raw(name, "[\n" + list + "]");
    }
    /// The points of a sample's curve: a list of [part of all, value within which that part is].
    /// Of many values not each is a point, but the first and the last one are in any case.
    JsonObject& add_curve(const std::string& name, const Sample& sample) {
        const std::vector<double>& values = sample.values();
        std::string points;
        const auto add = [&](std::size_t i) {
            const double part = static_cast<double>(i + 1) / static_cast<double>(values.size());
            points += (points.empty() ? "[" : ",[") + std::to_string(part) + "," +
                      std::to_string(values[i]) + "]";
        };
        const std::size_t step = std::max<std::size_t>(1, values.size() / kMaxPoints);
        for (std::size_t i = 0; i + 1 < values.size(); i += step) add(i);
        if (!values.empty()) add(values.size() - 1);
        return raw(name, "[" + points + "]");
    }
    /// The members of `other`, behind those that are there.
    JsonObject& append(const JsonObject& other) {
        text_ += (text_.empty() || other.text_.empty() ? "" : ",") + other.text_;
        return *this;
    }
    [[nodiscard]] std::string text() const { return "{" + text_ + "}"; }

 private:
    // More points than this cannot be seen in a picture.
    static constexpr std::size_t kMaxPoints = 250;
    std::string text_;
};

}  // namespace compare
