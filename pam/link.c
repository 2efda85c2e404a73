/*
 * The connection to the host agent.
 *
 * A local user may hold the agent's port while it is away, so nothing secret leaves before the other end has proved
 * the key; and a peer that stalls at any point, or drips byte by byte, may not hold a login longer than the one
 * deadline that covers the whole exchange.
 */
#include "link.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define GREETING "gatehouse 1 "

enum { GREETING_BYTES = sizeof GREETING - 1 + HEX_DIGITS + 1 };

static const char timed_out[] = "the agent did not answer in time";
static const char cut_off[] = "the agent cut the connection";
static const char unproved[] = "the agent did not prove the key";

struct link {
    int fd;
    int64_t deadline_ms;
};

static int64_t now_ms(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail: the clock exists and the pointer is good */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits until the socket is ready for `events`; false when the deadline came first. */
static bool wait_for(const struct link *link, short events)
{
    struct pollfd waiting = {.fd = link->fd, .events = events};

    for (;;) {
        int64_t left = link->deadline_ms - now_ms();
        if (left <= 0)
            return false;
        int ready = poll(&waiting, 1, (int)left);
        if (ready > 0)
            return true;
        if (ready == -1 && errno != EINTR)
            return false;
    }
}

static const char *connect_to(struct link *link, const struct settings *settings)
{
    int fault = 0;
    socklen_t length = sizeof fault;

    link->fd = socket(settings->agent.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (link->fd == -1)
        return "there is no socket to reach the agent by";
    if (connect(link->fd, (const struct sockaddr *)&settings->agent, settings->agent_length) == 0)
        return NULL;
    if (errno != EINPROGRESS && errno != EINTR)
        return "the agent cannot be reached";
    if (!wait_for(link, POLLOUT))
        return timed_out;
    if (getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &fault, &length) == -1 || fault != 0)
        return "the agent cannot be reached";
    return NULL;
}

static const char *send_all(const struct link *link, const char *text, size_t length)
{
    while (length > 0) {
        if (!wait_for(link, POLLOUT))
            return timed_out;
        /* A daemon that has not set SIGPIPE aside must not die of an agent that hung up. */
        ssize_t sent = send(link->fd, text, length, MSG_NOSIGNAL);
        if (sent == -1 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (sent <= 0)
            return cut_off;
        text += sent;
        length -= (size_t)sent;
    }
    return NULL;
}

/* Receives 1 to `capacity` bytes; the number goes to `got`. */
static const char *receive_some(const struct link *link, char *text, size_t capacity, size_t *got)
{
    for (;;) {
        if (!wait_for(link, POLLIN))
            return timed_out;
        ssize_t taken = recv(link->fd, text, capacity, 0);
        if (taken == -1 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (taken <= 0)
            return cut_off;
        *got = (size_t)taken;
        return NULL;
    }
}

static const char *receive_exactly(const struct link *link, char *text, size_t length)
{
    size_t got = 0;

    while (length > 0) {
        const char *fault = receive_some(link, text, length, &got);
        if (fault != NULL)
            return fault;
        text += got;
        length -= got;
    }
    return NULL;
}

static bool draw_nonce(char nonce[HEX_DIGITS + 1])
{
    uint8_t bytes[HEX_DIGITS / 2];
    ssize_t drawn;

    do
        drawn = getrandom(bytes, sizeof bytes, GRND_NONBLOCK); /* right after boot it could wait past the deadline */
    while (drawn == -1 && errno == EINTR);
    to_hex(bytes, sizeof bytes, nonce);
    return drawn == (ssize_t)sizeof bytes;
}

/* Reads the agent's nonce out of its greeting. */
static const char *take_greeting(const struct link *link, char nonce[HEX_DIGITS])
{
    char greeting[GREETING_BYTES];
    const char *fault = receive_exactly(link, greeting, sizeof greeting);

    if (fault != NULL)
        return fault;
    if (memcmp(greeting, GREETING, sizeof GREETING - 1) != 0 || greeting[GREETING_BYTES - 1] != '\n' ||
        !is_lower_hex(greeting + sizeof GREETING - 1, HEX_DIGITS))
        return "what answers at the agent's address is not an agent";
    memcpy(nonce, greeting + sizeof GREETING - 1, HEX_DIGITS);
    return NULL;
}

/* Both sides prove the key over both nonces; the roles in the proofs keep one from being played back as the other. */
static const char *shake_hands(const struct link *link, const uint8_t key[KEY_BYTES])
{
    char theirs[HEX_DIGITS], ours[HEX_DIGITS + 1], proof[HEX_DIGITS + 1];
    char said[2 * HEX_DIGITS + 2], heard[HEX_DIGITS + 1];
    const char *fault = take_greeting(link, theirs);

    if (fault != NULL)
        return fault;
    if (!draw_nonce(ours))
        return "there is no randomness";
    proof_for("pam", key, theirs, ours, proof);
    memcpy(said, ours, HEX_DIGITS);
    said[HEX_DIGITS] = ' ';
    memcpy(said + HEX_DIGITS + 1, proof, HEX_DIGITS);
    said[sizeof said - 1] = '\n';
    fault = send_all(link, said, sizeof said);
    if (fault == NULL)
        fault = receive_exactly(link, heard, sizeof heard);
    if (fault != NULL)
        return fault;
    proof_for("agent", key, ours, theirs, proof);
    if (heard[HEX_DIGITS] != '\n' || !same_bytes(heard, proof, HEX_DIGITS))
        return unproved;
    return NULL;
}

static const char *take_answer(const struct link *link, struct answer *answer)
{
    char text[MESSAGE_LIMIT];
    size_t length = 0, got = 0;

    while (!is_terminated(text, length)) {
        const char *fault = "the agent's answer is too long";
        if (length < sizeof text)
            fault = receive_some(link, text + length, sizeof text - length, &got);
        if (fault != NULL)
            return fault;
        length += got;
    }
    return parse_answer(text, length, answer) ? NULL : "the agent's answer makes no sense";
}

const char *link_ask(const struct settings *settings, const uint8_t key[KEY_BYTES], int timeout_ms,
                     const struct request *request, struct answer *answer)
{
    struct link link = {.fd = -1, .deadline_ms = now_ms() + timeout_ms};
    const char *fault;

    memset(answer, 0, sizeof *answer);
    if (!request->whole)
        return "the request is too long";
    fault = connect_to(&link, settings);
    if (fault == NULL)
        fault = shake_hands(&link, key);
    if (fault == NULL)
        fault = send_all(&link, request->text, request->length);
    if (fault == NULL)
        fault = take_answer(&link, answer);
    if (link.fd != -1)
        close(link.fd);
    return fault;
}
