/*
 * gatehouse-keys: the AuthorizedKeysCommand of sshd. Asks the host agent whether a login has this key, and prints it as
 * a line of an authorized_keys file.
 *
 *   AuthorizedKeysCommand /usr/libexec/gatehouse-keys %u %f
 *   AuthorizedKeysCommandUser root
 *
 * Root reads the key of the link, and is given up before the first word to anybody: without that key a local user who
 * holds the agent's port while it is away would hand out keys to every account. Prints nothing unless all is well.
 */
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "codec.h"
#include "link.h"
#include "settings.h"

enum { LOGIN_BYTES = 255, FINGERPRINT_BYTES = 64, NOBODY = 65534 };

/* Not by name: a directory service would be asked, which may hang. */
static const char *give_up_root(void)
{
    if (geteuid() != 0)
        return NULL;
    if (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 || setresuid(NOBODY, NOBODY, NOBODY) != 0)
        return "root cannot be given up";
    return NULL;
}

static void write_request(struct request *request, const struct settings *settings, const char *login,
                          const char *fingerprint)
{
    char pid[16];

    snprintf(pid, sizeof pid, "%d", (int)getpid());
    request_begin(request);
    request_add(request, "ask", "keys", LOGIN_BYTES);
    request_add(request, "service", "sshd", LOGIN_BYTES);
    request_add(request, "store", settings->store, LOGIN_BYTES);
    request_add(request, "channel", settings->channel, LOGIN_BYTES);
    request_add(request, "login", login, LOGIN_BYTES);
    request_add(request, "pid", pid, sizeof pid);
    request_add(request, "fingerprint", fingerprint, FINGERPRINT_BYTES);
    request_end(request);
}

/* Reads what the last words of the command line leave to say, and asks. Null when the answer is good. */
static const char *ask_agent(int argc, char **argv, struct answer *answer)
{
    struct settings settings;
    struct request request;
    uint8_t key[KEY_BYTES];
    const char *fault = "a login and a fingerprint are needed: %u %f";

    if (argc >= 3 && strncmp(argv[argc - 1], "SHA256:", 7) == 0)
        fault = settings_read(&settings, argc - 3, (const char **)argv + 1);
    if (fault == NULL)
        fault = key_read(settings.key_path, key);
    if (fault == NULL)
        fault = give_up_root();
    if (fault == NULL) {
        write_request(&request, &settings, argv[argc - 2], argv[argc - 1]);
        fault = link_ask(&settings, key, settings.timeout_ms, &request, answer);
    }
    explicit_bzero(key, sizeof key);
    return fault;
}

int main(int argc, char **argv)
{
    struct answer answer;
    const char *fault;

    openlog("gatehouse-keys", LOG_PID, LOG_AUTHPRIV);
    fault = ask_agent(argc, argv, &answer);
    if (fault != NULL) {
        syslog(LOG_ERR, "%s", fault);
        fprintf(stderr, "gatehouse-keys: %s\n", fault);
        return 1;
    }
    if (answer.verdict == VERDICT_UNAVAILABLE)
        return 1;
    if (answer.verdict != VERDICT_ALLOW || answer.key_line[0] == '\0')
        return 0;
    return printf("%s\n", answer.key_line) > 0 && fflush(stdout) == 0 ? 0 : 1;
}
