/* What one PAM phase leaves for the next, on a page that is wiped at the end and never shared with a child. */
#ifndef GATEHOUSE_KEPT_H
#define GATEHOUSE_KEPT_H

#include <security/pam_modules.h>
#include <stdbool.h>

#include "codec.h"
#include "proof.h"

struct kept {
    bool has_key;
    uint8_t key[KEY_BYTES]; /* after the daemon's chroot its file is out of reach */
    char login_id[ID_LIMIT + 1];
    char session_id[ID_LIMIT + 1];
};

/* The one of this PAM handle, made at the first call; null without memory. pam_end wipes and frees it. */
struct kept *kept_of(pam_handle_t *pamh);

#endif
