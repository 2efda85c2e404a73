/* How each side proves that it has the shared key (HMAC-SHA256 over both nonces), and the hex around it. */
#ifndef GATEHOUSE_PROOF_H
#define GATEHOUSE_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    KEY_BYTES = 32,
    HEX_DIGITS = 64, /* a nonce or a MAC as text */
};

/* Writes 2 * length lower-case digits and a NUL. */
void to_hex(const uint8_t *bytes, size_t length, char *hex);
bool from_hex(const char *hex, uint8_t *bytes, size_t length);
bool is_lower_hex(const char *text, size_t length);

/* HMAC-SHA256 over "role\nfirst\nsecond", both texts of HEX_DIGITS characters, as HEX_DIGITS characters and a NUL. */
void proof_for(const char *role, const uint8_t key[KEY_BYTES], const char *first, const char *second,
               char proof[HEX_DIGITS + 1]);

/* Compares without telling by time where the difference is. */
bool same_bytes(const void *left, const void *right, size_t length);

#endif
