/*
 * pam_gatehouse: hands the login decisions of sshd, ProFTPD, vsftpd and their like to the Gatehouse host agent.
 *
 * Owns what is asked when, and which code an answer becomes. What a question says is question.c, the connection link.c,
 * the text codec.c, the options settings.c, what outlives a phase kept.c. It runs as root inside other people's daemons, so it keeps no
 * static state, starts nothing, and fails closed: whatever is doubtful is a refusal.
 *
 *   auth     required  pam_gatehouse.so agent=127.0.0.1:7422 key=/etc/gatehouse/pam.key store=ssh channel=ssh
 *   account  required  pam_gatehouse.so ...
 *   session  required  pam_gatehouse.so ...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#define PAM_SM_AUTH
#define PAM_SM_ACCOUNT
#define PAM_SM_SESSION
#include <security/pam_ext.h>
#include <security/pam_modules.h>

#include "presentable.h"
#include "question.h"

#define EXPORT __attribute__((visibility("default")))

enum {
    CODE_TRIES = 5, /* the agent decides; this ends an exchange with one that never does */
    CLOSE_TIMEOUT_MS = 1000,
};

static const struct shown nothing = {NULL, NULL, NULL};

/* Shows the sentence of the answer, if there is one and the daemon wants to hear it. */
static void show(const struct phase *phase, int flags, struct answer *answer)
{
    int style = answer->verdict == VERDICT_ALLOW ? PAM_TEXT_INFO : PAM_ERROR_MSG;

    make_presentable(answer->message);
    if (answer->message[0] != '\0' && ((unsigned)flags & PAM_SILENT) == 0)
        pam_prompt(phase->pamh, style, NULL, "%s", answer->message);
}

/* Keeps an id for the later phases, here and where another process of the daemon finds it. False when it cannot. */
static bool keep_id(const struct phase *phase, char kept[ID_LIMIT + 1], const char *variable, const char *id)
{
    char assignment[ID_LIMIT + 32];

    if (id[0] == '\0') /* an allow that does not say what was allowed */
        return false;
    snprintf(assignment, sizeof assignment, "%s=%s", variable, id);
    memcpy(kept, id, ID_LIMIT + 1);
    return pam_putenv(phase->pamh, assignment) == PAM_SUCCESS;
}

/* Drops an id that an earlier attempt, or another module fed by the user, has left behind. */
static void forget_id(const struct phase *phase, char kept[ID_LIMIT + 1], const char *variable)
{
    memset(kept, 0, ID_LIMIT + 1);
    if (pam_getenv(phase->pamh, variable) != NULL)
        pam_putenv(phase->pamh, variable);
}

static int unknown_code(const struct phase *phase, int denied)
{
    return phase->settings.ignore_unknown ? PAM_IGNORE : denied;
}

static int auth_code(const struct phase *phase, const struct answer *answer)
{
    switch (answer->verdict) {
    case VERDICT_ALLOW:
        return keep_id(phase, phase->kept->login_id, login_variable, answer->login_id) ? PAM_SUCCESS
                                                                                       : PAM_AUTHINFO_UNAVAIL;
    case VERDICT_DENY:
        return PAM_AUTH_ERR;
    case VERDICT_UNKNOWN:
        return unknown_code(phase, PAM_USER_UNKNOWN);
    case VERDICT_THROTTLED:
        return PAM_MAXTRIES;
    case VERDICT_UNAVAILABLE:
    case VERDICT_ASK:
        break;
    }
    return PAM_AUTHINFO_UNAVAIL;
}

/*
 * Asks the person for a code; null when there is nobody to ask. The prompt echoes: a code is worth nothing once used,
 * and sshd's `password` method and FTP servers, which answer every hidden prompt with the password, refuse this one or
 * fill in the login.
 */
static char *prompted(const struct phase *phase, struct answer *answer)
{
    char *code = NULL;

    make_presentable(answer->message);
    if (pam_prompt(phase->pamh, PAM_PROMPT_ECHO_ON, &code, "%s",
                   answer->message[0] == '\0' ? "Verification code: " : answer->message) != PAM_SUCCESS)
        return NULL;
    return code;
}

/* Whether what came is worth asking about: not what a daemon that cannot ask fills in, and no pretence of an answer. */
static bool is_code(const struct phase *phase, const char *code, const char *password)
{
    const char *login = phase_item(phase, PAM_USER);

    return code[0] != '\0' && strnlen(code, CODE_BYTES + 1) <= CODE_BYTES &&
           (password == NULL || strcmp(code, password) != 0) && (login == NULL || strcmp(code, login) != 0);
}

/* Puts one code; the answer says whether another is to be asked for. Anything odd about it is a refusal. */
static void take_code(struct phase *phase, const char *password, struct answer *answer)
{
    char handle[ID_LIMIT + 1];
    char *code = prompted(phase, answer);

    if (code == NULL)
        pam_syslog(phase->pamh, LOG_NOTICE, "no code can be asked for here: it goes behind the password, in one field");
    memcpy(handle, answer->handle, sizeof handle);
    memset(answer, 0, sizeof *answer);
    answer->verdict = VERDICT_DENY;
    if (code != NULL && is_code(phase, code, password))
        phase_ask(phase, "code", &(struct shown){.handle = handle, .code = code}, phase->settings.timeout_ms, answer);
    if (code != NULL)
        explicit_bzero(code, strlen(code));
    free(code);
}

/* Goes on until the agent has decided. An agent that asks though nobody can be asked, or for nothing, is out of order. */
static void take_codes(struct phase *phase, bool may_prompt, const char *password, struct answer *answer)
{
    for (int tries = 0; answer->verdict == VERDICT_ASK; tries++) {
        if (!may_prompt || answer->handle[0] == '\0')
            answer->verdict = VERDICT_UNAVAILABLE;
        else if (tries == CODE_TRIES)
            answer->verdict = VERDICT_DENY;
        else
            take_code(phase, password, answer);
    }
}

/* After a key: the second factor alone. Each prompt has its own deadline for the agent, and none for the person. */
static int judge_factor(struct phase *phase, int flags)
{
    struct answer answer;

    phase_ask(phase, "factor", &nothing, phase->settings.timeout_ms, &answer);
    take_codes(phase, true, NULL, &answer);
    show(phase, flags, &answer);
    return auth_code(phase, &answer);
}

/*
 * Whether anybody may come in by this door, asked before a password is typed: where it would cross the network in clear
 * text, one that is refused has been given away all the same. A shut door ends the conversation, with its sentence.
 */
static int door_code(const struct phase *phase, int flags)
{
    struct answer answer;

    phase_ask(phase, "door", &nothing, phase->settings.timeout_ms, &answer);
    if (answer.verdict == VERDICT_ALLOW)
        return PAM_SUCCESS;
    show(phase, flags, &answer);
    return answer.verdict == VERDICT_DENY ? PAM_MAXTRIES : PAM_AUTHINFO_UNAVAIL;
}

/* Judges a login and its password, and the code where one is asked for. A password that sshd made up is reported as such and not sent. */
EXPORT int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    struct phase phase;
    struct answer answer;
    const char *login = NULL, *password = NULL;

    if (!phase_begin(&phase, pamh, "auth", argc, argv))
        return PAM_AUTHINFO_UNAVAIL;
    forget_id(&phase, phase.kept->login_id, login_variable);
    if (pam_get_user(pamh, &login, NULL) != PAM_SUCCESS || login == NULL)
        return PAM_AUTHINFO_UNAVAIL;
    /* Longer than any store holds: a firm no, because a cut password might be the right one. */
    if (strnlen(login, LOGIN_BYTES + 1) > LOGIN_BYTES)
        return PAM_AUTH_ERR;
    if (phase.settings.after_key != AFTER_KEY_PASSWORD && phase_has_key(&phase))
        return judge_factor(&phase, flags);
    if (phase.settings.door_first) {
        int door = door_code(&phase, flags);
        if (door != PAM_SUCCESS)
            return door;
    }
    if (pam_get_authtok(pamh, PAM_AUTHTOK, &password, NULL) != PAM_SUCCESS || password == NULL)
        return PAM_AUTHINFO_UNAVAIL;
    if (strnlen(password, PASSWORD_BYTES + 1) > PASSWORD_BYTES)
        return PAM_AUTH_ERR;
    if (password[0] == '\0' && ((unsigned)flags & PAM_DISALLOW_NULL_AUTHTOK) != 0)
        return PAM_AUTH_ERR;
    phase_ask(&phase, "auth", &(struct shown){.password = password}, phase.settings.timeout_ms, &answer);
    take_codes(&phase, phase.settings.may_prompt, password, &answer);
    show(&phase, flags, &answer);
    return auth_code(&phase, &answer);
}

/* There are no credentials of our own to set. */
EXPORT int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)pamh;
    (void)flags;
    (void)argc;
    (void)argv;
    return PAM_SUCCESS;
}

/* Asks whether the account may come in at all: the only question that a login by key passes through. */
EXPORT int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    struct phase phase;
    struct answer answer;

    if (!phase_begin(&phase, pamh, "account", argc, argv))
        return PAM_AUTHINFO_UNAVAIL;
    phase_ask(&phase, "account", &nothing, phase.settings.timeout_ms, &answer);
    show(&phase, flags, &answer);
    switch (answer.verdict) {
    case VERDICT_ALLOW:
        return PAM_SUCCESS;
    case VERDICT_DENY:
        return PAM_ACCT_EXPIRED;
    case VERDICT_UNKNOWN:
        return unknown_code(&phase, PAM_USER_UNKNOWN);
    case VERDICT_THROTTLED:
    case VERDICT_UNAVAILABLE:
    case VERDICT_ASK:
        break;
    }
    return PAM_AUTHINFO_UNAVAIL;
}

/* Opens the session while the daemon waits, so that everything it forks afterwards belongs to it. */
EXPORT int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    struct phase phase;
    struct answer answer;

    if (!phase_begin(&phase, pamh, "open", argc, argv))
        return PAM_SESSION_ERR;
    forget_id(&phase, phase.kept->session_id, session_variable);
    phase_ask(&phase, "open", &nothing, phase.settings.timeout_ms, &answer);
    show(&phase, flags, &answer);
    if (answer.verdict == VERDICT_UNKNOWN)
        return unknown_code(&phase, PAM_SESSION_ERR);
    if (answer.verdict == VERDICT_ALLOW &&
        keep_id(&phase, phase.kept->session_id, session_variable, answer.session_id))
        return PAM_SUCCESS;
    return PAM_SESSION_ERR;
}

/* Says that the session is over: a hint, because the agent watches the processes itself. Never holds a logout up. */
EXPORT int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    struct phase phase;
    struct answer answer;

    (void)flags;
    if (!phase_begin(&phase, pamh, "close", argc, argv))
        return PAM_SUCCESS;
    if (phase_id(&phase, phase.kept->session_id, session_variable) != NULL)
        phase_ask(&phase, "close", &nothing, CLOSE_TIMEOUT_MS, &answer);
    return PAM_SUCCESS;
}
