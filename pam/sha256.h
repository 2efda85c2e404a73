/* SHA-256 (FIPS 180-4) and HMAC (RFC 2104), so that the module brings no library into the daemons that load it. */
#ifndef GATEHOUSE_SHA256_H
#define GATEHOUSE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32, SHA256_BLOCK = 64 };

struct sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes taken so far */
    uint8_t block[SHA256_BLOCK];
};

void sha256_begin(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *data, size_t length);

/* Writes the digest and wipes the state. */
void sha256_end(struct sha256 *hash, uint8_t digest[SHA256_BYTES]);

/* HMAC-SHA256 with a key of any length; what was derived from the key is wiped before it returns. */
void hmac_sha256(const uint8_t *key, size_t key_length, const void *data, size_t length,
                 uint8_t digest[SHA256_BYTES]);

#endif
