/* SHA-256 and HMAC-SHA256; checked against the vectors of FIPS 180-4 and RFC 4231 in test/unit.c. */
#include "sha256.h"

#include <string.h>

static const uint32_t round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t word, unsigned bits) { return (word >> bits) | (word << (32 - bits)); }

static uint32_t load32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void schedule(uint32_t words[64], const uint8_t *block)
{
    for (unsigned i = 0; i < 16; i++)
        words[i] = load32(block + 4 * i);
    for (unsigned i = 16; i < 64; i++) {
        uint32_t low = words[i - 15], high = words[i - 2];
        uint32_t s0 = rotate(low, 7) ^ rotate(low, 18) ^ (low >> 3);
        uint32_t s1 = rotate(high, 17) ^ rotate(high, 19) ^ (high >> 10);
        words[i] = words[i - 16] + s0 + words[i - 7] + s1;
    }
}

static void compress(uint32_t state[8], const uint8_t *block)
{
    uint32_t words[64], v[8];

    schedule(words, block);
    memcpy(v, state, sizeof v);
    for (unsigned i = 0; i < 64; i++) {
        uint32_t s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
        uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
        uint32_t first = v[7] + s1 + choice + round_constants[i] + words[i];
        uint32_t s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
        uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        memmove(v + 1, v, 7 * sizeof v[0]);
        v[4] += first;
        v[0] = first + s0 + majority;
    }
    for (unsigned i = 0; i < 8; i++)
        state[i] += v[i];
    explicit_bzero(words, sizeof words); /* the first sixteen are the text, or the key's pad */
    explicit_bzero(v, sizeof v);
}

void sha256_begin(struct sha256 *hash)
{
    static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memset(hash, 0, sizeof *hash);
    memcpy(hash->state, initial, sizeof initial);
}

void sha256_add(struct sha256 *hash, const void *data, size_t length)
{
    const uint8_t *bytes = data;

    while (length > 0) {
        size_t used = (size_t)(hash->length % SHA256_BLOCK);
        size_t taken = SHA256_BLOCK - used < length ? SHA256_BLOCK - used : length;
        memcpy(hash->block + used, bytes, taken);
        hash->length += taken;
        bytes += taken;
        length -= taken;
        if (hash->length % SHA256_BLOCK == 0)
            compress(hash->state, hash->block);
    }
}

void sha256_end(struct sha256 *hash, uint8_t digest[SHA256_BYTES])
{
    uint64_t bits = hash->length * 8;
    uint8_t length[8], zero = 0, one = 0x80;

    for (unsigned i = 0; i < 8; i++)
        length[i] = (uint8_t)(bits >> (56 - 8 * i));
    sha256_add(hash, &one, 1);
    while (hash->length % SHA256_BLOCK != SHA256_BLOCK - sizeof length)
        sha256_add(hash, &zero, 1);
    sha256_add(hash, length, sizeof length);
    for (unsigned i = 0; i < SHA256_BYTES; i++)
        digest[i] = (uint8_t)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
    explicit_bzero(hash, sizeof *hash);
}

void hmac_sha256(const uint8_t *key, size_t key_length, const void *data, size_t length,
                 uint8_t digest[SHA256_BYTES])
{
    struct sha256 hash;
    uint8_t pad[SHA256_BLOCK] = {0};

    sha256_begin(&hash);
    if (key_length > SHA256_BLOCK) {
        sha256_add(&hash, key, key_length);
        sha256_end(&hash, pad);
        sha256_begin(&hash);
    } else {
        memcpy(pad, key, key_length);
    }
    for (unsigned i = 0; i < SHA256_BLOCK; i++)
        pad[i] ^= 0x36;
    sha256_add(&hash, pad, sizeof pad);
    sha256_add(&hash, data, length);
    sha256_end(&hash, digest);
    for (unsigned i = 0; i < SHA256_BLOCK; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    sha256_begin(&hash);
    sha256_add(&hash, pad, sizeof pad);
    sha256_add(&hash, digest, SHA256_BYTES);
    sha256_end(&hash, digest);
    explicit_bzero(pad, sizeof pad);
}
