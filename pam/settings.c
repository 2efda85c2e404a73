/* Reads the options of the PAM line and the key file. Whatever is odd about either is refused, with a reason. */
#include "settings.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MIN_TIMEOUT_S = 1, MAX_TIMEOUT_S = 60 };

/* A decimal number of at most five digits within the range, or -1. */
static int number(const char *text, int min, int max)
{
    int value = 0;

    if (text[0] == '\0' || strlen(text) > 5)
        return -1;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        value = 10 * value + (*text - '0');
    }
    return value < min || value > max ? -1 : value;
}

static bool read_ipv4(struct settings *settings, const char *host, int port)
{
    struct sockaddr_in *address = (struct sockaddr_in *)&settings->agent;

    address->sin_family = AF_INET;
    address->sin_port = htons((uint16_t)port);
    settings->agent_length = sizeof *address;
    return inet_pton(AF_INET, host, &address->sin_addr) == 1 &&
           ntohl(address->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

static bool read_ipv6(struct settings *settings, const char *host, int port)
{
    struct sockaddr_in6 *address = (struct sockaddr_in6 *)&settings->agent;

    address->sin6_family = AF_INET6;
    address->sin6_port = htons((uint16_t)port);
    settings->agent_length = sizeof *address;
    return inet_pton(AF_INET6, host, &address->sin6_addr) == 1 && IN6_IS_ADDR_LOOPBACK(&address->sin6_addr);
}

/* Takes `127.0.0.1:7422` or `[::1]:7422`. Loopback only: the password crosses this link in the clear. */
static bool read_agent(struct settings *settings, const char *text)
{
    char host[INET6_ADDRSTRLEN];
    const char *colon = strrchr(text, ':');
    size_t length = colon == NULL ? 0 : (size_t)(colon - text);
    bool brackets = length > 2 && text[0] == '[' && text[length - 1] == ']';
    int port = colon == NULL ? -1 : number(colon + 1, 1, 65535);

    if (brackets) {
        text++;
        length -= 2;
    }
    if (port == -1 || length == 0 || length >= sizeof host)
        return false;
    memcpy(host, text, length);
    host[length] = '\0';
    memset(&settings->agent, 0, sizeof settings->agent);
    return brackets ? read_ipv6(settings, host, port) : read_ipv4(settings, host, port);
}

/* The kinds of store and channel are the service's to know; here they only have to look like one. */
static bool is_word(const char *text)
{
    size_t length = strlen(text);

    return length >= 1 && length <= 32 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-") == length &&
           text[0] >= 'a' && text[0] <= 'z';
}

static bool read_after_key(struct settings *settings, const char *value)
{
    static const char *const words[] = {"password", "code", "code-if-set"};

    for (int i = 0; i < 3; i++) {
        if (strcmp(value, words[i]) == 0) {
            settings->after_key = (enum after_key)i;
            return true;
        }
    }
    return false;
}

static bool read_encrypted(struct settings *settings, const char *value)
{
    static const char *const words[] = {"unknown", "always", "never", "ftps-variable"};

    for (int i = 0; i < 4; i++) {
        if (strcmp(value, words[i]) == 0) {
            settings->encrypted = (enum encrypted)i;
            return true;
        }
    }
    return false;
}

/* Takes one of two words; `flag` says whether it was the first. */
static bool read_choice(bool *flag, const char *value, const char *first, const char *second)
{
    *flag = strcmp(value, first) == 0;
    return *flag || strcmp(value, second) == 0;
}

static const char *read_option(struct settings *settings, const char *name, size_t length, const char *value)
{
    if (length == 5 && memcmp(name, "agent", 5) == 0)
        return read_agent(settings, value) ? NULL : "agent= is not a loopback address and port";
    if (length == 3 && memcmp(name, "key", 3) == 0) {
        settings->key_path = value;
        return value[0] == '/' ? NULL : "key= is not an absolute path";
    }
    if (length == 5 && memcmp(name, "store", 5) == 0) {
        settings->store = value;
        return is_word(value) ? NULL : "store= is not a word";
    }
    if (length == 7 && memcmp(name, "channel", 7) == 0) {
        settings->channel = value;
        return is_word(value) ? NULL : "channel= is not a word";
    }
    if (length == 7 && memcmp(name, "timeout", 7) == 0) {
        settings->timeout_ms = 1000 * number(value, MIN_TIMEOUT_S, MAX_TIMEOUT_S);
        return settings->timeout_ms > 0 ? NULL : "timeout= is not 1 to 60 seconds";
    }
    if (length == 7 && memcmp(name, "unknown", 7) == 0)
        return read_choice(&settings->ignore_unknown, value, "ignore", "deny") ? NULL
                                                                               : "unknown= is neither deny nor ignore";
    if (length == 4 && memcmp(name, "door", 4) == 0)
        return read_choice(&settings->door_first, value, "first", "no") ? NULL : "door= is neither first nor no";
    if (length == 4 && memcmp(name, "code", 4) == 0)
        return read_choice(&settings->may_prompt, value, "prompt", "none") ? NULL : "code= is neither prompt nor none";
    if (length == 9 && memcmp(name, "after_key", 9) == 0)
        return read_after_key(settings, value) ? NULL : "after_key= is not password, code or code-if-set";
    if (length == 9 && memcmp(name, "encrypted", 9) == 0)
        return read_encrypted(settings, value) ? NULL
                                               : "encrypted= is not unknown, always, never or ftps-variable";
    if (length == 9 && memcmp(name, "read_only", 9) == 0)
        return read_choice(&settings->read_only_enforced, value, "enforced", "no") ? NULL
                                                                                   : "read_only= is neither enforced nor no";
    return "there is an option that does not exist";
}

const char *settings_read(struct settings *settings, int argc, const char **argv)
{
    settings->key_path = "/etc/gatehouse/pam.key";
    settings->store = "ssh";
    settings->channel = "ssh";
    settings->timeout_ms = 5000;
    settings->door_first = false;
    settings->may_prompt = false;
    settings->read_only_enforced = false;
    settings->after_key = AFTER_KEY_PASSWORD;
    settings->encrypted = ENCRYPTED_UNKNOWN;
    settings->ignore_unknown = false;
    read_agent(settings, "127.0.0.1:7422");
    for (int i = 0; i < argc; i++) {
        const char *equals = strchr(argv[i], '=');
        const char *fault = "there is an option without a value";
        if (equals != NULL)
            fault = read_option(settings, argv[i], (size_t)(equals - argv[i]), equals + 1);
        if (fault != NULL)
            return fault;
    }
    return NULL;
}

static ssize_t read_all(int fd, char *text, size_t capacity)
{
    size_t length = 0;

    while (length < capacity) {
        ssize_t got = read(fd, text + length, capacity - length);
        if (got == -1 && errno == EINTR)
            continue;
        if (got == -1)
            return -1;
        if (got == 0)
            break;
        length += (size_t)got;
    }
    return (ssize_t)length;
}

/* Who else could read or write the key could collect passwords by it, or speak for the daemons. */
static const char *key_fault(int fd)
{
    struct stat about;

    if (fstat(fd, &about) == -1 || !S_ISREG(about.st_mode))
        return "the key file is not a plain file";
    if (about.st_uid != 0)
        return "the key file does not belong to root";
    if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return "the key file is open to group or others";
    return NULL;
}

const char *key_read(const char *path, uint8_t key[KEY_BYTES])
{
    char text[HEX_DIGITS + 2];
    const char *fault;
    ssize_t length;
    /* Not blocking, so that a pipe in its place cannot hold up the login. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

    if (fd == -1)
        return errno == ENOENT ? "the key file is missing" : "the key file cannot be opened";
    fault = key_fault(fd);
    if (fault == NULL) {
        length = read_all(fd, text, sizeof text);
        bool framed = length == HEX_DIGITS || (length == HEX_DIGITS + 1 && text[HEX_DIGITS] == '\n');
        if (!framed || !from_hex(text, key, KEY_BYTES))
            fault = "the key file does not hold 64 hex characters";
        explicit_bzero(text, sizeof text);
    }
    close(fd);
    return fault;
}
