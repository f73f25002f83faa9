// The chat in the terminal.
#include <stdexcept>

#include "07_longpoll/longpoll.hpp"

namespace longpoll {

void run_client(const ClientOptions& /*options*/) {
    throw std::runtime_error("the client is not written yet");
}

}  // namespace longpoll
