/* Proofs of the shared key, and the hex they travel in. The key itself never crosses the link. */
#include "proof.h"

#include <stdio.h>

#include "sha256.h"

void to_hex(const uint8_t *bytes, size_t length, char *hex)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < length; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    hex[2 * length] = '\0';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool from_hex(const char *hex, uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < 2 * length; i++) {
        int digit = hex_value(hex[i]);
        if (digit < 0)
            return false;
        bytes[i / 2] = (uint8_t)(i % 2 == 0 ? digit << 4 : bytes[i / 2] | digit);
    }
    return true;
}

bool is_lower_hex(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f')))
            return false;
    return true;
}

void proof_for(const char *role, const uint8_t key[KEY_BYTES], const char *first, const char *second,
               char proof[HEX_DIGITS + 1])
{
    char text[2 * HEX_DIGITS + 16];
    uint8_t mac[SHA256_BYTES];
    int length = snprintf(text, sizeof text, "%s\n%.64s\n%.64s", role, first, second);

    hmac_sha256(key, KEY_BYTES, text, (size_t)length, mac);
    to_hex(mac, sizeof mac, proof);
}

bool same_bytes(const void *left, const void *right, size_t length)
{
    const volatile uint8_t *a = left, *b = right;
    uint8_t difference = 0;

    for (size_t i = 0; i < length; i++)
        difference |= (uint8_t)(a[i] ^ b[i]);
    return difference == 0;
}
