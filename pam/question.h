/* One phase of PAM, and the questions that it puts to the agent. */
#ifndef GATEHOUSE_QUESTION_H
#define GATEHOUSE_QUESTION_H

#include <security/pam_modules.h>

#include "codec.h"
#include "kept.h"
#include "settings.h"

enum {
    LOGIN_BYTES = 255,
    PASSWORD_BYTES = 1024,
    CODE_BYTES = 64,
};

extern const char login_variable[];
extern const char session_variable[];

struct phase {
    pam_handle_t *pamh;
    const char *name; /* in the log; and the word of its question unless another is put */
    struct settings settings;
    struct kept *kept;
};

/* What a question carries beside the facts about the login; null members are left out. */
struct shown {
    const char *password;
    const char *handle;
    const char *code;
};

/* Takes up the options and the key; false, after saying why in the log, when one of them is not fit for use. */
bool phase_begin(struct phase *phase, pam_handle_t *pamh, const char *name, int argc, const char **argv);

/* A text item of the PAM handle, or null. */
const char *phase_item(const struct phase *phase, int type);

/* The id kept from an earlier phase, else the one in the PAM environment if it is shaped like one; else null. */
const char *phase_id(const struct phase *phase, const char *kept, const char *variable);

/* Whether sshd says that this person has already proved a key. It sets the variable anew before every attempt. */
bool phase_has_key(const struct phase *phase);

/* Puts the question `word`; leaves VERDICT_UNAVAILABLE on any fault, and logs it. */
void phase_ask(const struct phase *phase, const char *word, const struct shown *shown, int timeout_ms,
               struct answer *answer);

#endif
