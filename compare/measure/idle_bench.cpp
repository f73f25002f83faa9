#include "compare/measure/idle_bench.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "common/descriptor_limit.hpp"
#include "compare/measure/chat.hpp"
#include "compare/measure/progress.hpp"
#include "compare/participants/http.hpp"
#include "compare/report/json_object.hpp"

namespace compare {
namespace {

using namespace std::chrono_literals;
using Seconds = std::chrono::duration<double>;

constexpr std::size_t kFew = 10;
// The cheapest of several rounds counts: other work, as a ping to all clients, only adds to it.
constexpr std::size_t kRounds = 20;
constexpr std::size_t kRequests = 100;  // in a round
// After joining, clients of 07 ask their first long question.
constexpr std::chrono::milliseconds kSettling = 500ms;
constexpr int kMaxAnswer = 10'000;  // milliseconds
constexpr std::chrono::milliseconds kSilence = 10s;
// Besides one for each client: in this program, and in the server.
constexpr std::size_t kOtherDescriptors = 64;

/// A server with idle clients, and one client more that asks for its page.
struct Room {
    Chat chat;
    HttpConnection connection;
    std::optional<double> cost{};  // of a request, in microseconds of the server's processor

    Room(const BenchOptions& options, std::size_t idle)
        : chat(options.bin, options.transport, options.size, 0ms,
               {"--max-clients", std::to_string(idle + kOtherDescriptors / 2)}),
          connection(chat.server().port(), 200, 1024 * 1024) {}

    // The answer is for this client alone. 04 and 05 end the connection with it.
    void ask() {
        connection.request("GET", "/");
        while (connection.pending()) {
            pollfd socket = connection.watched();
            if (poll(&socket, 1, kMaxAnswer) == 0)
                throw std::runtime_error("a request has no answer");
            connection.proceed([](HttpConnection::Result) {});
        }
    }
    void measure_round() {
        const CpuTimer cpu(chat);
        for (std::size_t i = 0; i < kRequests; ++i) ask();
        if (const auto used = cpu.seconds())
            cost = std::min(*used * 1e6 / kRequests, cost.value_or(1e9));
    }
};

// One says something, and everybody hears it; in an echo each says something to itself.
void speak(Chat& chat, JsonObject& result) {
    Session& session = chat.session();
    const auto writers = session.usual_writers();
    const CpuTimer cpu(chat);
    session.speak(writers, writers.size(), 1e9);
    session.settle_or_throw(kSilence);
    result.add("delay_ms", Sample(session.record().take_delays()));
    result.add("server_cpu_seconds", cpu.seconds());
}

}  // namespace

std::string idle_refusal(ConnectionKind kind) {
    if (kind == ConnectionKind::lines) return "lines have no request that one client alone sees";
    if (kind == ConnectionKind::datagrams) return "datagrams have no connection that could be idle";
    return "";
}

std::string bench_idle(const BenchOptions& options) {
    lab::raise_descriptor_limit(options.idle + kOtherDescriptors, "--idle", options.idle);
    const Progress progress;
    progress.tell("connecting");
    Room few(options, kFew);
    Room many(options, options.idle);
    few.chat.session().gather(std::min(kFew, options.idle));
    Session& session = many.chat.session();
    const auto begin = Clock::now();
    const CpuTimer joining_cpu(many.chat);
    session.gather(options.idle);
    const Seconds joining = Clock::now() - begin;
    JsonObject result;
    result.add("step", options.transport.step)
        .add("idle_clients", options.idle)
        .add("few", few.chat.session().size())
        .add("joining_seconds", joining.count())
        .add("joining_cpu_seconds", joining_cpu.seconds());
    session.wait(kSettling);
    progress.tell("asking");
    for (std::size_t round = 0; round < kRounds; ++round) {
        few.measure_round();
        many.measure_round();
    }
    result.add("request_us_among_few", few.cost).add("request_us", many.cost);
    speak(many.chat, result);
    for (const std::size_t who : session.everybody()) session.leave(who);
    const auto left = Clock::now();
    many.ask();
    result.add("answer_after_leaving_ms", Seconds(Clock::now() - left).count() * 1000);
    return result.text() + "\n";
}

}  // namespace compare
