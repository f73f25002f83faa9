#include "compare/measure/bench.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "common/descriptor_limit.hpp"
#include "compare/measure/chat.hpp"
#include "compare/measure/progress.hpp"
#include "compare/report/json_object.hpp"

namespace compare {
namespace {

using namespace std::chrono_literals;

// After this time without a message, what is missing is lost: longer than a busy machine may stop a
// server.
constexpr std::chrono::milliseconds kSilence = 4s;
// The longest wait after the last message was said.
constexpr std::chrono::milliseconds kMaxWait = 10s;
// A message of the last moment may leave this much later.
constexpr std::chrono::milliseconds kGrace = 100ms;
// Besides one for each client.
constexpr std::size_t kOtherDescriptors = 64;

JsonObject put_load(Chat& chat, const BenchOptions& options) {
    Session& session = chat.session();
    const auto time = std::chrono::seconds(options.seconds);
    const auto due = static_cast<std::size_t>(options.rate * static_cast<double>(time / 1s));
    const CpuTimer cpu(chat);
    const auto begin = Clock::now();
    const std::size_t said =
        session.speak(session.usual_writers(), due, options.rate, begin + time + kGrace);
    const bool all_heard = session.settle(kSilence, Clock::now() + kMaxWait);
    const bool silent = Clock::now() >= session.last_heard() + kSilence;
    const std::size_t outstanding = session.record().outstanding();
    // From the first message until the last was due and heard.
    const std::chrono::duration<double> worked =
        std::max<Clock::duration>(time, session.last_heard() - begin);
    return JsonObject()
        .add("step", options.transport.step)
        .add("clients", options.clients)
        .add("rate", options.rate)
        .add("size", options.size)
        .add("seconds", static_cast<double>(options.seconds))
        .add("due", due)
        .add("said", said)
        .add("said_late_ms_max", session.lateness())
        .add("delay_ms", Sample(session.record().take_delays()))
        .raw("all_heard", all_heard ? "true" : "false")
        .add("lost", silent ? outstanding : 0)
        .add("under_way", silent ? 0 : outstanding)
        .add("waited_seconds", static_cast<double>(kMaxWait / 1s))
        .add("worked_seconds", worked.count())
        .add("server_cpu_seconds", cpu.seconds());
}

}  // namespace

std::string bench(const BenchOptions& options) {
    lab::raise_descriptor_limit(options.clients + kOtherDescriptors, "--clients", options.clients);
    const Progress progress;
    std::vector<std::string> more;
    if (!options.broker.empty()) more = {"--broker", options.broker};
    Chat chat(options.bin, options.transport, options.size, {}, more);
    progress.tell("connecting");
    chat.session().gather(options.clients);
    progress.tell("load on " + options.transport.step);
    return put_load(chat, options).text() + "\n";
}

}  // namespace compare
