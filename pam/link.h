/* One question to the host agent over loopback TCP, within one deadline. */
#ifndef GATEHOUSE_LINK_H
#define GATEHOUSE_LINK_H

#include <stdint.h>

#include "codec.h"
#include "proof.h"
#include "settings.h"

/*
 * Connects, proves the key, lets the agent prove it, and only then sends the request and reads the answer. All of it
 * together takes at most `timeout_ms`. Null when the answer is good; else what went wrong, in words for the log
 * that never hold anything that was sent or received, and the answer is VERDICT_UNAVAILABLE.
 */
const char *link_ask(const struct settings *settings, const uint8_t key[KEY_BYTES], int timeout_ms,
                     const struct request *request, struct answer *answer);

#endif
