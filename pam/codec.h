/* The text of the link: messages of percent-encoded lines, and what of them is safe to show. No I/O, no state. */
#ifndef GATEHOUSE_CODEC_H
#define GATEHOUSE_CODEC_H

#include <stdbool.h>
#include <stddef.h>

enum {
    MESSAGE_LIMIT = 8192, /* bytes of a whole request or answer */
    LINE_LIMIT = 32,      /* lines before `end` */
    ID_LIMIT = 80,        /* characters of a login or session id */
    TEXT_LIMIT = 1024,    /* decoded bytes of the sentence for the user */
    KEY_LINE_LIMIT = 2048, /* a line as in authorized_keys: RSA of 8192 bits has about 1500 characters */
};

enum verdict {
    VERDICT_UNAVAILABLE,
    VERDICT_ALLOW,
    VERDICT_DENY,
    VERDICT_UNKNOWN,
    VERDICT_THROTTLED,
    VERDICT_ASK, /* the secret was right; a code is still to be asked for */
};

struct answer {
    enum verdict verdict;
    char login_id[ID_LIMIT + 1];
    char session_id[ID_LIMIT + 1];
    char handle[ID_LIMIT + 1]; /* with VERDICT_ASK: names the half of a login that a code completes */
    char key_line[KEY_LINE_LIMIT + 1]; /* for sshd, printable ASCII without line breaks */
    char message[TEXT_LIMIT + 1]; /* as sent: make it presentable before showing it */
};

/* A request being written. Once something did not fit, `whole` is false and nothing more is added. */
struct request {
    char text[MESSAGE_LIMIT];
    size_t length;
    bool whole;
};

void request_begin(struct request *request);

/* Adds `key value\n`. A null value is left out; one over `limit` bytes spoils the request rather than being cut. */
void request_add(struct request *request, const char *key, const char *value, size_t limit);

/* Adds the last line; false when the request is not whole and must not be sent. */
bool request_end(struct request *request);

/* Whether these bytes end as a message does. */
bool is_terminated(const char *text, size_t length);

/* Reads a whole answer, all or nothing; on false the verdict is VERDICT_UNAVAILABLE and every text is empty. */
bool parse_answer(const char *text, size_t length, struct answer *answer);

/* A login or session id: 1 to ID_LIMIT of A-Z a-z 0-9 _ and -. */
bool is_id(const char *text);

/* The pattern sshd hands over instead of the password of a name that may not log in (auth-pam.c, fake_password). */
bool is_junk_password(const char *password);

#endif
