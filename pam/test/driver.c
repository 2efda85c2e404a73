/*
 * A daemon in small: takes a PAM stack through the steps it is told and says what came of each.
 *
 *   driver CONFDIR SERVICE USER RHOST STEP...
 *
 * Steps: auth account open close end, and `chroot` (as ProFTPD does before it closes), `signals` (from here on one
 * every 20 ms), `fork` (scan a child's memory) and `scan` (scan its own). Standard input: lines `password HEX`,
 * `code HEX` (one for each visible prompt; without any more such a prompt fails, as sshd's password method lets it),
 * `typing MS` (before each code), `needle HEX` (what the scans look for; also at each message shown, before libpam runs over the module's old stack), `env NAME=VALUE` (into the PAM environment) and `tty NAME`. Log lines of the module go
 * to standard error, because that is where the tests can read them.
 */
#include <dirent.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <security/pam_appl.h>

#define EXPORT __attribute__((visibility("default")))

enum { LINE_BYTES = 8192, MAX_AREAS = 512, MAX_CODES = 16 };

static char password[LINE_BYTES];
/* Kept in hex, so that the scans do not find their own question. */
static char needle[LINE_BYTES];
static char environment[8][LINE_BYTES];
static size_t environment_count;
static char codes[MAX_CODES][LINE_BYTES];
static size_t code_count, codes_typed;
static char tty[LINE_BYTES] = "ssh";
static long typing_ms;
static int prompts;

/* libpam logs through one of these; no daemon listens for them in a test. */
EXPORT void __syslog_chk(int priority, int flag, const char *format, ...) __attribute__((format(printf, 3, 4)));
EXPORT void __syslog_chk(int priority, int flag, const char *format, ...)
{
    va_list arguments;

    (void)flag;
    va_start(arguments, format);
    fprintf(stderr, "log %d ", priority & 7);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

static unsigned digit(char c) { return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10); }

static unsigned char byte_at(const char *hex, size_t at)
{
    return (unsigned char)(digit(hex[2 * at]) << 4 | digit(hex[2 * at + 1]));
}

static void read_input(void)
{
    static char line[LINE_BYTES];

    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "password ", 9) == 0)
            for (size_t i = 0; line[9 + 2 * i] != '\0'; i++)
                password[i] = (char)byte_at(line + 9, i);
        else if (strncmp(line, "code ", 5) == 0 && code_count < MAX_CODES)
            snprintf(codes[code_count++], LINE_BYTES, "%s", line + 5);
        else if (strncmp(line, "typing ", 7) == 0)
            typing_ms = strtol(line + 7, NULL, 10);
        else if (strncmp(line, "tty ", 4) == 0)
            snprintf(tty, sizeof tty, "%s", line + 4);
        else if (strncmp(line, "needle ", 7) == 0)
            snprintf(needle, sizeof needle, "%s", line + 7);
        else if (strncmp(line, "env ", 4) == 0 && environment_count < 8)
            snprintf(environment[environment_count++], LINE_BYTES, "%s", line + 4);
    }
    memset(line, 0, sizeof line);
}

static void print_hex(const char *text)
{
    for (; *text != '\0'; text++)
        printf("%02x", (unsigned char)*text);
}

struct area {
    const unsigned char *start, *end;
};

static size_t writable_areas(struct area areas[MAX_AREAS])
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512];
    size_t count = 0;

    while (maps != NULL && count < MAX_AREAS && fgets(line, sizeof line, maps) != NULL) {
        uintptr_t start, end;
        char mode[8];
        if (sscanf(line, "%lx-%lx %7s", &start, &end, mode) == 3 && mode[0] == 'r' && mode[1] == 'w')
            areas[count++] = (struct area){(const unsigned char *)start, (const unsigned char *)end};
    }
    if (maps != NULL)
        fclose(maps);
    return count;
}

/* How often the needle lies in this process's own writable memory. Not for the sanitized build. */
static int scan(void)
{
    static struct area areas[MAX_AREAS];
    size_t count = writable_areas(areas), length = strlen(needle) / 2;
    int found = 0;

    for (size_t i = 0; i < count; i++) {
        for (const unsigned char *at = areas[i].start; at + length <= areas[i].end; at++) {
            size_t same = 0;
            while (same < length && at[same] == byte_at(needle, same))
                same++;
            if (length > 0 && same == length)
                found++;
        }
    }
    return found;
}

static void scan_child(void)
{
    pid_t child;

    fflush(stdout);
    child = fork();
    if (child == 0) {
        printf("child-found %d\n", scan());
        fflush(stdout);
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

/* Types the next code, from hex, so that the scans do not find the driver's own copy; null when there is none. */
static char *typed_code(void)
{
    size_t length;
    char *text;

    if (codes_typed == code_count)
        return NULL;
    usleep((useconds_t)typing_ms * 1000);
    length = strlen(codes[codes_typed]) / 2;
    text = calloc(length + 1, 1);
    for (size_t i = 0; text != NULL && i < length; i++)
        text[i] = (char)byte_at(codes[codes_typed], i);
    codes_typed++;
    return text;
}

static int converse(int count, const struct pam_message **messages, struct pam_response **responses, void *data)
{
    struct pam_response *given = calloc((size_t)count, sizeof *given);

    (void)data;
    if (given == NULL)
        return PAM_BUF_ERR;
    for (int i = 0; i < count; i++) {
        if (messages[i]->msg_style == PAM_PROMPT_ECHO_OFF) {
            prompts++;
            given[i].resp = strdup(password);
            continue;
        }
        if (messages[i]->msg_style == PAM_PROMPT_ECHO_ON) {
            printf("asked ");
            print_hex(messages[i]->msg);
            putchar('\n');
            given[i].resp = typed_code();
            if (given[i].resp != NULL)
                continue;
            free(given);
            return PAM_CONV_ERR;
        }
        printf("shown %s ", messages[i]->msg_style == PAM_ERROR_MSG ? "error" : "info");
        print_hex(messages[i]->msg);
        putchar('\n');
        if (needle[0] != '\0')
            printf("found %d\n", scan());
    }
    *responses = given;
    return PAM_SUCCESS;
}

static void heed(int number) { (void)number; }

static void start_signals(void)
{
    struct sigaction action = {.sa_handler = heed}; /* without SA_RESTART */
    struct itimerval every = {{0, 20000}, {0, 20000}};

    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &every, NULL);
}

static int open_files(void)
{
    DIR *files = opendir("/proc/self/fd");
    int count = 0;

    while (files != NULL && readdir(files) != NULL)
        count++;
    if (files != NULL)
        closedir(files);
    return count;
}

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int pam_step(pam_handle_t *pamh, const char *step)
{
    if (strcmp(step, "auth") == 0)
        return pam_authenticate(pamh, 0);
    if (strcmp(step, "auth-nonnull") == 0)
        return pam_authenticate(pamh, PAM_DISALLOW_NULL_AUTHTOK);
    if (strcmp(step, "setcred") == 0)
        return pam_setcred(pamh, PAM_ESTABLISH_CRED);
    if (strcmp(step, "account") == 0)
        return pam_acct_mgmt(pamh, 0);
    if (strcmp(step, "open") == 0)
        return pam_open_session(pamh, 0);
    if (strcmp(step, "close") == 0)
        return pam_close_session(pamh, 0);
    return -1;
}

static void print_environment(pam_handle_t *pamh)
{
    char **list = pam_getenvlist(pamh);

    for (char **entry = list; entry != NULL && *entry != NULL; entry++) {
        printf("pamenv %s\n", *entry);
        free(*entry);
    }
    free(list);
}

static void take_step(pam_handle_t **pamh, const char *step, const char *confdir)
{
    long began = now_ms();
    int before = open_files(), code = 0;

    if (strcmp(step, "chroot") == 0)
        code = chroot(confdir) == 0 && chdir("/") == 0 ? 0 : 1;
    else if (strcmp(step, "signals") == 0)
        start_signals();
    else if (strcmp(step, "fork") == 0)
        scan_child();
    else if (strcmp(step, "scan") == 0)
        printf("found %d\n", scan());
    else if (strcmp(step, "end") == 0) {
        print_environment(*pamh);
        code = pam_end(*pamh, 0);
        *pamh = NULL;
    } else
        code = pam_step(*pamh, step);
    printf("step %s %d %ld %d\n", step, code, now_ms() - began, open_files() - before);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static const struct pam_conv conversation = {converse, NULL};
    pam_handle_t *pamh = NULL;

    if (argc < 6 || pam_start_confdir(argv[2], argv[3], &conversation, argv[1], &pamh) != PAM_SUCCESS)
        return 2;
    read_input();
    pam_set_item(pamh, PAM_RHOST, argv[4]);
    pam_set_item(pamh, PAM_TTY, tty);
    for (size_t i = 0; i < environment_count; i++)
        pam_putenv(pamh, environment[i]);
    for (int i = 5; i < argc; i++)
        take_step(&pamh, argv[i], argv[1]);
    printf("prompts %d\n", prompts);
    if (pamh != NULL)
        take_step(&pamh, "end", argv[1]);
    return 0;
}
