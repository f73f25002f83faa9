// One JSON object, as it is written.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

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
    JsonObject& add(const std::string& name, std::uint64_t value) {
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
        if (sample.empty()) return raw(name, "null");
        JsonObject object;
        object.add("count", sample.values().size()).add("p50", sample.median());
        return add(name, object.add("p99", sample.percentile(99)).add("max", sample.most()));
    }
    [[nodiscard]] std::string text() const { return "{" + text_ + "}"; }

 private:
    std::string text_;
};

}  // namespace compare
