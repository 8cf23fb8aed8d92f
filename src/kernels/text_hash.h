// Hashes of text as TensorFlow's string ops compute them, which Keras' text layers are defined by.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace keratin::kernels {

// FarmHash's Fingerprint64 (Google, https://github.com/google/farmhash): stable over platforms.
std::uint64_t fingerprint64(std::string_view text);
// Joins two fingerprints, as TensorFlow's FingerprintCat64 does for crossed features.
std::uint64_t join_fingerprints(std::uint64_t first, std::uint64_t second);
// SipHash-2-4 (Aumasson & Bernstein 2012).
std::uint64_t sip_hash(const std::array<std::uint64_t, 2>& key, std::string_view text);

}  // namespace keratin::kernels
