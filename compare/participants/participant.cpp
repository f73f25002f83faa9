#include "compare/participants/participant.hpp"

#include <stdexcept>

#include "compare/participants/datagrams.hpp"
#include "compare/participants/event_stream.hpp"
#include "compare/participants/lines.hpp"
#include "compare/participants/polling.hpp"
#include "compare/participants/websocket.hpp"

namespace compare {

std::string without_name(std::string_view message) {
    if (!message.starts_with(kNamePrefix))
        throw std::runtime_error("a message without its writer's name");
    return std::string(message.substr(kNamePrefix.size()));
}

std::unique_ptr<Participant> join(const Transport& transport, const ParticipantOptions& options) {
    switch (transport.kind) {
        case ConnectionKind::lines:
            return std::make_unique<LineParticipant>(transport, options);
        case ConnectionKind::websocket:
            return std::make_unique<WebSocketParticipant>(transport, options);
        case ConnectionKind::event_stream:
            return std::make_unique<EventStreamParticipant>(options);
        case ConnectionKind::long_polling:
        case ConnectionKind::polling:
            return std::make_unique<PollingParticipant>(transport, options);
        case ConnectionKind::datagrams:
            return std::make_unique<DatagramParticipant>(options);
    }
    throw std::logic_error("an unknown kind of connection");
}

}  // namespace compare
