/* Which item of the PAM handle goes into which line of a question. */
#include "question.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <security/pam_ext.h>

#include "link.h"

enum {
    RHOST_BYTES = 255,
    SHORT_BYTES = 64, /* service, tty */
    CONNECTION_BYTES = 128,
    AUTH_INFO_BYTES = 1536,
};

const char login_variable[] = "GATEHOUSE_LOGIN";
const char session_variable[] = "GATEHOUSE_SESSION";
static const char auth_info_variable[] = "SSH_AUTH_INFO_0";

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

bool phase_begin(struct phase *phase, pam_handle_t *pamh, const char *name, int argc, const char **argv)
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

const char *phase_item(const struct phase *phase, int type)
{
    const void *value = NULL;

    return pam_get_item(phase->pamh, type, &value) == PAM_SUCCESS ? value : NULL;
}

const char *phase_id(const struct phase *phase, const char *kept, const char *variable)
{
    const char *value = kept[0] != '\0' ? kept : pam_getenv(phase->pamh, variable);

    return value != NULL && is_id(value) ? value : NULL;
}

bool phase_has_key(const struct phase *phase)
{
    static const char word[] = "publickey ";
    const char *value = pam_getenv(phase->pamh, auth_info_variable);

    return value != NULL && strncmp(value, word, sizeof word - 1) == 0;
}

/*
 * sshd lists every method and key here, certificates whole. The first bytes say by what the user came in; a long
 * certificate must not turn into a refused login, so this value alone is cut.
 */
static void add_auth_info(const struct phase *phase, struct request *request)
{
    char text[AUTH_INFO_BYTES + 1];
    const char *value = pam_getenv(phase->pamh, auth_info_variable);

    if (value == NULL || value[0] == '\0')
        return;
    snprintf(text, sizeof text, "%s", value);
    request_add(request, "ssh_auth_info", text, AUTH_INFO_BYTES);
}

/* Writes everything but what was shown and the last line. */
static void describe(const struct phase *phase, const char *word, struct request *request)
{
    char pid[16];
    const char *login = phase_item(phase, PAM_USER);

    snprintf(pid, sizeof pid, "%d", (int)getpid());
    request_begin(request);
    request_add(request, "ask", word, SHORT_BYTES);
    request_add(request, "service", phase_item(phase, PAM_SERVICE), SHORT_BYTES);
    request_add(request, "store", phase->settings.store, SHORT_BYTES);
    request_add(request, "channel", phase->settings.channel, SHORT_BYTES);
    request_add(request, "login", login == NULL ? "" : login, LOGIN_BYTES);
    request_add(request, "rhost", phase_item(phase, PAM_RHOST), RHOST_BYTES);
    request_add(request, "tty", phase_item(phase, PAM_TTY), SHORT_BYTES);
    request_add(request, "pid", pid, sizeof pid);
    request_add(request, "login_id", phase_id(phase, phase->kept->login_id, login_variable), ID_LIMIT);
    request_add(request, "session_id", phase_id(phase, phase->kept->session_id, session_variable), ID_LIMIT);
    request_add(request, "ssh_connection", pam_getenv(phase->pamh, "SSH_CONNECTION"), CONNECTION_BYTES);
    add_auth_info(phase, request);
}

/* "1" or "0"; null where nobody knows. The variable is the daemon's own: it is set in its process, before any login. */
static const char *encrypted(const struct settings *settings)
{
    const char *variable;

    switch (settings->encrypted) {
    case ENCRYPTED_ALWAYS:
        return "1";
    case ENCRYPTED_NEVER:
        return "0";
    case ENCRYPTED_BY_FTPS:
        variable = getenv("FTPS");
        return variable != NULL && strcmp(variable, "1") == 0 ? "1" : "0";
    case ENCRYPTED_UNKNOWN:
        break;
    }
    return NULL;
}

/* What the line of the PAM file promises of its daemon. */
static void add_abilities(const struct settings *settings, const char *word, struct request *request)
{
    bool auth = strcmp(word, "auth") == 0, factor = strcmp(word, "factor") == 0;

    request_add(request, "can_ask", auth && settings->may_prompt ? "1" : NULL, 1);
    request_add(request, "encrypted", auth ? encrypted(settings) : NULL, 1);
    request_add(request, "read_only_enforced", auth && settings->read_only_enforced ? "1" : NULL, 1);
    request_add(request, "code_needed", factor && settings->after_key == AFTER_KEY_CODE ? "1" : NULL, 1);
}

void phase_ask(const struct phase *phase, const char *word, const struct shown *shown, int timeout_ms,
               struct answer *answer)
{
    struct request request;
    const char *fault;

    describe(phase, word, &request);
    add_abilities(&phase->settings, word, &request);
    if (shown->password != NULL && is_junk_password(shown->password))
        request_add(&request, "junk", "1", 1);
    else
        request_add(&request, "password", shown->password, PASSWORD_BYTES);
    request_add(&request, "handle", shown->handle, ID_LIMIT);
    request_add(&request, "code", shown->code, CODE_BYTES);
    request_end(&request);
    fault = link_ask(&phase->settings, phase->kept->key, timeout_ms, &request, answer);
    explicit_bzero(&request, sizeof request);
    if (fault != NULL)
        pam_syslog(phase->pamh, LOG_ERR, "%s: %s", phase->name, fault);
}
