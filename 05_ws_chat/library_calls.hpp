// How --capture gets to the bytes that libwebsockets sends and receives, which it shows to nobody.
#pragma once

namespace ws_chat {

/// Whether this thread has a context of the library: then library_calls.cpp records its calls. What
/// other threads send and receive is told to the capture where it happens, as in each step.
inline thread_local bool in_library = false;

}  // namespace ws_chat
