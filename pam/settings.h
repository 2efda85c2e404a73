/* What the PAM line says: where the agent is, which key proves it, what an unknown name means. */
#ifndef GATEHOUSE_SETTINGS_H
#define GATEHOUSE_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "proof.h"

/* What is asked for at sshd after it has already taken a key of the same person (AuthenticationMethods). */
enum after_key {
    AFTER_KEY_PASSWORD, /* what is asked for without a key, too */
    AFTER_KEY_CODE,     /* the code alone; an account without a second factor is refused */
    AFTER_KEY_CODE_IF_SET,
};

/* Whether the password of a login crossed the network encrypted. */
enum encrypted {
    ENCRYPTED_UNKNOWN,
    ENCRYPTED_ALWAYS, /* the daemon takes no password otherwise */
    ENCRYPTED_NEVER,
    ENCRYPTED_BY_FTPS, /* mod_tls of ProFTPD sets the variable FTPS=1 (TLSOptions StdEnvVars) */
};

struct settings {
    struct sockaddr_storage agent;
    socklen_t agent_length;
    const char *key_path;
    const char *store;
    const char *channel;
    int timeout_ms;
    bool door_first;         /* whether the door is open at all is asked before the password */
    bool may_prompt;         /* a code can be asked for in a second prompt */
    bool read_only_enforced; /* the daemon lets nobody write who comes in by this line */
    enum after_key after_key;
    enum encrypted encrypted;
    bool ignore_unknown; /* a name that Gatehouse does not know is left to the next module */
};

/* Reads the arguments of the PAM line; null when all are good, else what is wrong with them. A word that is not
 * known is a fault: a mistyped option must not quietly mean its default. */
const char *settings_read(struct settings *settings, int argc, const char **argv);

/* Reads the shared key; null when good, else why it is refused. The key is valid only then. */
const char *key_read(const char *path, uint8_t key[KEY_BYTES]);

#endif
