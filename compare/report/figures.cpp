#include "compare/report/figures.hpp"

namespace compare {
namespace {

std::string in_groups(std::string digits) {
    if (digits.size() > 4)
        for (std::size_t i = digits.size(); i > 3;) digits.insert(i -= 3, 1, ' ');
    return digits;
}

}  // namespace

std::string three_figures(double value) {
    int decimals = 0;
    if (value < 99.95) decimals = 1;
    if (value < 9.995) decimals = 2;
    if (value < 0.9995) decimals = 3;
    const std::string figures = format("%.*f", decimals, value);
    if (figures.find_first_not_of("0.") == std::string::npos) return "0";
    return decimals == 0 ? in_groups(figures) : figures;
}

std::string whole_number(std::uint64_t value) {
    return in_groups(std::to_string(value));
}

std::string description(const Parameters& parameters) {
    return format("a writer says %zu messages of %zu bytes, %g a second, to %zu readers",
                  parameters.messages, parameters.size, parameters.rate, parameters.clients);
}

}  // namespace compare
