#include <stdexcept>

#include "06_sse/sse.hpp"

namespace sse {

void run_client(const ClientOptions&) {
    throw std::runtime_error("the client is still to come");
}

}  // namespace sse
