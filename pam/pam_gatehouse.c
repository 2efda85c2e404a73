/*
 * pam_gatehouse: hands the login decisions of sshd, ProFTPD, vsftpd and their like to the Gatehouse host agent.
 *
 * Owns the PAM side alone: which item goes into which question, and which code an answer becomes. The connection is
 * link.c, the text codec.c, the options settings.c, what outlives a phase kept.c. It runs as root inside other people's daemons, so it keeps no
 * static state, starts nothing, and fails closed: whatever is doubtful is a refusal.
 *
 *   auth     required  pam_gatehouse.so agent=127.0.0.1:7422 key=/etc/gatehouse/pam.key store=ssh channel=ssh
 *   account  required  pam_gatehouse.so ...
 *   session  required  pam_gatehouse.so ...
 */
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define PAM_SM_AUTH
#define PAM_SM_ACCOUNT
#define PAM_SM_SESSION
#include <security/pam_ext.h>
#include <security/pam_modules.h>

#include "codec.h"
#include "kept.h"
#include "link.h"
#include "settings.h"

#define EXPORT __attribute__((visibility("default")))

enum {
    LOGIN_BYTES = 255,
    PASSWORD_BYTES = 1024,
    RHOST_BYTES = 255,
    SHORT_BYTES = 64, /* service, tty */
    CONNECTION_BYTES = 128,
    AUTH_INFO_BYTES = 1536,
    CLOSE_TIMEOUT_MS = 1000,
};

static const char login_variable[] = "GATEHOUSE_LOGIN";
static const char session_variable[] = "GATEHOUSE_SESSION";

struct phase {
    pam_handle_t *pamh;
    const char *name; /* as in `ask` */
    struct settings settings;
    struct kept *kept;
};

static const char *keep_key(struct phase *phase)
{
    const char *fault;

    if (phase->kept == NULL)
        return "there is no memory";
    if (phase->kept->has_key)
        return NULL;
    fault = key_read(phase->settings.key_path, phase->kept->key);
    phase->kept->has_key = fault == NULL;
    return fault;
}

/* Takes up the options and the key; false, after saying why in the log, when one of them is not fit for use. */
static bool phase_begin(struct phase *phase, pam_handle_t *pamh, const char *name, int argc, const char **argv)
{
    const char *fault;

    memset(phase, 0, sizeof *phase);
    phase->pamh = pamh;
    phase->name = name;
    fault = settings_read(&phase->settings, argc, argv);
    if (fault == NULL) {
        phase->kept = kept_of(pamh);
        fault = keep_key(phase);
    }
    if (fault != NULL)
        pam_syslog(pamh, LOG_ERR, "%s: %s", name, fault);
    return fault == NULL;
}

static const char *item(const struct phase *phase, int type)
{
    const void *value = NULL;

    return pam_get_item(phase->pamh, type, &value) == PAM_SUCCESS ? value : NULL;
}

/* The id kept from an earlier phase, else the one in the PAM environment if it is shaped like one; else null. */
static const char *id_of(const struct phase *phase, const char *kept, const char *variable)
{
    const char *value = kept[0] != '\0' ? kept : pam_getenv(phase->pamh, variable);

    return value != NULL && is_id(value) ? value : NULL;
}

/*
 * sshd lists every method and key here, certificates whole. The first bytes say by what the user came in; a long
 * certificate must not turn into a refused login, so this value alone is cut.
 */
static void add_auth_info(const struct phase *phase, struct request *request)
{
    char text[AUTH_INFO_BYTES + 1];
    const char *value = pam_getenv(phase->pamh, "SSH_AUTH_INFO_0");

    if (value == NULL || value[0] == '\0')
        return;
    snprintf(text, sizeof text, "%s", value);
    request_add(request, "ssh_auth_info", text, AUTH_INFO_BYTES);
}

/* Writes everything but the password and the last line. */
static void describe(const struct phase *phase, struct request *request)
{
    char pid[16];
    const char *login = item(phase, PAM_USER);

    snprintf(pid, sizeof pid, "%d", (int)getpid());
    request_begin(request);
    request_add(request, "ask", phase->name, SHORT_BYTES);
    request_add(request, "service", item(phase, PAM_SERVICE), SHORT_BYTES);
    request_add(request, "store", phase->settings.store, SHORT_BYTES);
    request_add(request, "channel", phase->settings.channel, SHORT_BYTES);
    request_add(request, "login", login == NULL ? "" : login, LOGIN_BYTES);
    request_add(request, "rhost", item(phase, PAM_RHOST), RHOST_BYTES);
    request_add(request, "tty", item(phase, PAM_TTY), SHORT_BYTES);
    request_add(request, "pid", pid, sizeof pid);
    request_add(request, "login_id", id_of(phase, phase->kept->login_id, login_variable), ID_LIMIT);
    request_add(request, "session_id", id_of(phase, phase->kept->session_id, session_variable), ID_LIMIT);
    request_add(request, "ssh_connection", pam_getenv(phase->pamh, "SSH_CONNECTION"), CONNECTION_BYTES);
    add_auth_info(phase, request);
}

/* Puts the question, with the password when there is one; leaves VERDICT_UNAVAILABLE on any fault, and logs it. */
static void ask(const struct phase *phase, const char *password, int timeout_ms, struct answer *answer)
{
    struct request request;
    const char *fault;

    describe(phase, &request);
    if (password != NULL && is_junk_password(password))
        request_add(&request, "junk", "1", 1);
    else
        request_add(&request, "password", password, PASSWORD_BYTES);
    request_end(&request);
    fault = link_ask(&phase->settings, phase->kept->key, timeout_ms, &request, answer);
    explicit_bzero(&request, sizeof request);
    if (fault != NULL)
        pam_syslog(phase->pamh, LOG_ERR, "%s: %s", phase->name, fault);
}

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
        break;
    }
    return PAM_AUTHINFO_UNAVAIL;
}

/* Judges a login and its password. A password that sshd made up is reported as such and not sent. */
EXPORT int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    struct phase phase;
    struct answer answer;
    const char *login = NULL, *password = NULL;

    if (!phase_begin(&phase, pamh, "auth", argc, argv))
        return PAM_AUTHINFO_UNAVAIL;
    forget_id(&phase, phase.kept->login_id, login_variable);
    if (pam_get_user(pamh, &login, NULL) != PAM_SUCCESS || login == NULL ||
        pam_get_authtok(pamh, PAM_AUTHTOK, &password, NULL) != PAM_SUCCESS || password == NULL)
        return PAM_AUTHINFO_UNAVAIL;
    /* Longer than any store holds: a firm no, because a cut password might be the right one. */
    if (strnlen(login, LOGIN_BYTES + 1) > LOGIN_BYTES || strnlen(password, PASSWORD_BYTES + 1) > PASSWORD_BYTES)
        return PAM_AUTH_ERR;
    if (password[0] == '\0' && ((unsigned)flags & PAM_DISALLOW_NULL_AUTHTOK) != 0)
        return PAM_AUTH_ERR;
    ask(&phase, password, phase.settings.timeout_ms, &answer);
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
    ask(&phase, NULL, phase.settings.timeout_ms, &answer);
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
    ask(&phase, NULL, phase.settings.timeout_ms, &answer);
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
    if (id_of(&phase, phase.kept->session_id, session_variable) != NULL)
        ask(&phase, NULL, CLOSE_TIMEOUT_MS, &answer);
    return PAM_SUCCESS;
}
