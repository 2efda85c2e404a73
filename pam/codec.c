/*
 * The text of the link between this module and the host agent; src/protocol/pam.ts is the other side of it.
 *
 * Parsing is all or nothing: a duplicate key, a bad escape or a missing `end` voids the whole answer, so that no
 * sequence of bytes can mean "allow" to one reader and something else to another.
 */
#include "codec.h"

#include <string.h>

#include "presentable.h"

struct slice {
    const char *start;
    size_t length;
};

static bool is_plain(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("._~:/@+-", c) != NULL);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

void request_begin(struct request *request)
{
    request->length = 0;
    request->whole = true;
}

static void put(struct request *request, const char *text, size_t length)
{
    if (!request->whole || length > sizeof request->text - request->length) {
        request->whole = false;
        return;
    }
    memcpy(request->text + request->length, text, length);
    request->length += length;
}

static void put_encoded(struct request *request, const char *value, size_t length)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)value[i];
        char escape[3] = {'%', digits[c >> 4], digits[c & 15]};
        if (is_plain(c))
            put(request, value + i, 1);
        else
            put(request, escape, sizeof escape);
    }
}

void request_add(struct request *request, const char *key, const char *value, size_t limit)
{
    size_t length;

    if (value == NULL)
        return;
    length = strnlen(value, limit + 1);
    if (length > limit) {
        request->whole = false;
        return;
    }
    put(request, key, strlen(key));
    put(request, " ", 1);
    put_encoded(request, value, length);
    put(request, "\n", 1);
}

bool request_end(struct request *request)
{
    put(request, "end\n", 4);
    return request->whole;
}

bool is_terminated(const char *text, size_t length)
{
    if (length == 4)
        return memcmp(text, "end\n", 4) == 0;
    return length > 4 && memcmp(text + length - 5, "\nend\n", 5) == 0;
}

/* The byte of the two hex digits after a percent sign at `at`, or -1. */
static int escaped(struct slice value, size_t at)
{
    int high, low;

    if (at + 2 >= value.length)
        return -1;
    high = hex_digit(value.start[at + 1]);
    low = hex_digit(value.start[at + 2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* Decodes into a text of at most `limit` bytes and a NUL. Refuses raw bytes outside the alphabet, and any NUL. */
static bool decode(struct slice value, char *out, size_t limit)
{
    size_t written = 0;

    for (size_t i = 0; i < value.length; i++) {
        int byte = (unsigned char)value.start[i];
        if (byte == '%') {
            byte = escaped(value, i);
            i += 2;
        } else if (!is_plain((unsigned char)byte)) {
            return false;
        }
        if (byte <= 0 || written == limit)
            return false;
        out[written++] = (char)byte;
    }
    out[written] = '\0';
    return true;
}

static bool is_key(struct slice key)
{
    if (key.length == 0 || key.length > 32 || key.start[0] < 'a' || key.start[0] > 'z')
        return false;
    for (size_t i = 0; i < key.length; i++) {
        char c = key.start[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return true;
}

static bool equals(struct slice slice, const char *word)
{
    return slice.length == strlen(word) && memcmp(slice.start, word, slice.length) == 0;
}

static bool read_verdict(struct slice value, enum verdict *verdict)
{
    static const struct {
        const char *word;
        enum verdict verdict;
    } words[] = {
        {"allow", VERDICT_ALLOW},         {"deny", VERDICT_DENY},
        {"unknown", VERDICT_UNKNOWN},     {"throttled", VERDICT_THROTTLED},
        {"unavailable", VERDICT_UNAVAILABLE}, {"ask", VERDICT_ASK},
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (equals(value, words[i].word)) {
            *verdict = words[i].verdict;
            return true;
        }
    }
    return false;
}

static bool read_field(struct slice key, struct slice value, struct answer *answer)
{
    char ignored[MESSAGE_LIMIT + 1];

    if (equals(key, "verdict"))
        return read_verdict(value, &answer->verdict);
    if (equals(key, "login_id"))
        return decode(value, answer->login_id, ID_LIMIT) && is_id(answer->login_id);
    if (equals(key, "session_id"))
        return decode(value, answer->session_id, ID_LIMIT) && is_id(answer->session_id);
    if (equals(key, "handle"))
        return decode(value, answer->handle, ID_LIMIT) && is_id(answer->handle);
    if (equals(key, "key_line"))
        return decode(value, answer->key_line, KEY_LINE_LIMIT) && is_printable_line(answer->key_line);
    if (equals(key, "message"))
        return decode(value, answer->message, TEXT_LIMIT) && is_utf8(answer->message);
    return decode(value, ignored, MESSAGE_LIMIT) && is_utf8(ignored);
}

/* Cuts `line` at its first space; false when it has none or the key is malformed. */
static bool split(struct slice line, struct slice *key, struct slice *value)
{
    const char *space = memchr(line.start, ' ', line.length);

    if (space == NULL)
        return false;
    key->start = line.start;
    key->length = (size_t)(space - line.start);
    value->start = space + 1;
    value->length = line.length - key->length - 1;
    return is_key(*key);
}

static bool is_repeated(const struct slice *keys, size_t count)
{
    for (size_t i = 0; i + 1 < count; i++)
        if (keys[i].length == keys[count - 1].length &&
            memcmp(keys[i].start, keys[count - 1].start, keys[i].length) == 0)
            return true;
    return false;
}

static bool parse_lines(const char *text, size_t length, struct answer *answer)
{
    struct slice keys[LINE_LIMIT], line = {text, 0}, value;
    size_t count = 0;
    bool judged = false;

    for (const char *end = text + length; line.start < end; line.start += line.length + 1) {
        const char *stop = memchr(line.start, '\n', (size_t)(end - line.start));
        if (stop == NULL)
            return false;
        line.length = (size_t)(stop - line.start);
        if (equals(line, "end"))
            return judged && stop + 1 == end;
        if (count == LINE_LIMIT || !split(line, &keys[count], &value))
            return false;
        judged = judged || equals(keys[count], "verdict");
        count++;
        if (is_repeated(keys, count) || !read_field(keys[count - 1], value, answer))
            return false;
    }
    return false;
}

bool parse_answer(const char *text, size_t length, struct answer *answer)
{
    memset(answer, 0, sizeof *answer);
    if (length <= MESSAGE_LIMIT && parse_lines(text, length, answer))
        return true;
    memset(answer, 0, sizeof *answer);
    return false;
}

bool is_id(const char *text)
{
    size_t length = strnlen(text, ID_LIMIT + 1);

    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
            return false;
    }
    return length > 0 && length <= ID_LIMIT;
}

/*
 * Every length from one on is taken for junk. The shortest ones look alike with a typed "\b" or "\b\n", which no
 * terminal or FTP client can send as a password; and taking a typed copy of the pattern for junk costs its sender
 * nothing but the guess. The empty text has the same form typed or made up, so it stays a password.
 */
bool is_junk_password(const char *password)
{
    static const char junk[] = "\b\n\r\177INCORRECT";

    for (size_t i = 0; password[i] != '\0'; i++)
        if (password[i] != junk[i % (sizeof junk - 1)])
            return false;
    return password[0] != '\0';
}
