// A certificate of a case's own, for the servers that speak TLS.
#pragma once

#include <cstdlib>
#include <string>

#include "tests/support/scratch_directory.hpp"

namespace lab::test {

/// A certificate for localhost and 127.0.0.1 that vouches for itself, and its key: files in PEM,
/// which are there as long as their owner. Source: openssl-req(1).
class Certificate {
 public:
    Certificate()
        : made_(std::system(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 "
                             "-nodes -days 2 -subj /CN=localhost "
                             "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout " +
                             key() + " -out " + file() + " 2>/dev/null")
                                .c_str()) == 0) {}

    /// False if there is no openssl: then the case has to skip().
    [[nodiscard]] bool made() const { return made_; }
    /// Where the certificate is, and where its key.
    [[nodiscard]] std::string file() const { return directory_.file("certificate.pem"); }
    [[nodiscard]] std::string key() const { return directory_.file("key.pem"); }

 private:
    const ScratchDirectory directory_;
    const bool made_;
};

}  // namespace lab::test
