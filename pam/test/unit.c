/*
 * Unit tests of the parts that do no I/O. With a word as argument it is also the C side of test/protocol/pam.test.ts:
 *   unit mac ROLE KEYHEX FIRST SECOND   prints a proof
 *   unit encode                         a line of hex in, its encoded value out
 *   unit junk                           a line of hex in, 1 or 0 out
 *   unit answer                         a line of hex in, `refused` or the fields out, in hex
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codec.h"
#include "presentable.h"
#include "proof.h"
#include "settings.h"
#include "sha256.h"

static int failures;

static void check_at(bool good, const char *what, int line)
{
    if (good)
        return;
    failures++;
    fprintf(stderr, "test/unit.c:%d: %s\n", line, what);
}

#define CHECK(condition) check_at(condition, #condition, __LINE__)

static bool digest_is(const uint8_t digest[SHA256_BYTES], const char *expected)
{
    char hex[HEX_DIGITS + 1];

    to_hex(digest, SHA256_BYTES, hex);
    return strcmp(hex, expected) == 0;
}

static bool sha_is(const char *text, size_t repeat, const char *expected)
{
    struct sha256 hash;
    uint8_t digest[SHA256_BYTES];

    sha256_begin(&hash);
    for (size_t i = 0; i < repeat; i++)
        sha256_add(&hash, text, strlen(text));
    sha256_end(&hash, digest);
    return digest_is(digest, expected);
}

/* FIPS 180-4 examples, and every length around the edges of a block hashed whole and byte by byte. */
static void test_sha256(void)
{
    CHECK(sha_is("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    CHECK(sha_is("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    CHECK(sha_is("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
                 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
    CHECK(sha_is("a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
    for (size_t length = 0; length < 200; length++) {
        char text[200];
        uint8_t whole[SHA256_BYTES], pieces[SHA256_BYTES];
        struct sha256 hash;
        memset(text, 'x', sizeof text);
        sha256_begin(&hash);
        sha256_add(&hash, text, length);
        sha256_end(&hash, whole);
        sha256_begin(&hash);
        for (size_t i = 0; i < length; i++)
            sha256_add(&hash, text + i, 1);
        sha256_end(&hash, pieces);
        CHECK(memcmp(whole, pieces, sizeof whole) == 0);
    }
}

static bool hmac_is(uint8_t key_byte, size_t key_length, const char *data, const char *expected)
{
    uint8_t key[131], digest[SHA256_BYTES];

    memset(key, key_byte, sizeof key);
    hmac_sha256(key, key_length, data, strlen(data), digest);
    return digest_is(digest, expected);
}

/* RFC 4231, cases 1 to 4, 6 and 7 (case 5 is about truncation, which we do not do). */
static void test_hmac(void)
{
    uint8_t digest[SHA256_BYTES], key[25];
    char data[51] = {0};

    CHECK(hmac_is(0x0b, 20, "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"));
    hmac_sha256((const uint8_t *)"Jefe", 4, "what do ya want for nothing?", 28, digest);
    CHECK(digest_is(digest, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
    memset(data, 0xdd, 50);
    CHECK(hmac_is(0xaa, 20, data, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"));
    memset(data, 0xcd, 50);
    for (uint8_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)(i + 1);
    hmac_sha256(key, sizeof key, data, 50, digest);
    CHECK(digest_is(digest, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"));
    CHECK(hmac_is(0xaa, 131, "Test Using Larger Than Block-Size Key - Hash Key First",
                  "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
    CHECK(hmac_is(0xaa, 131,
                  "This is a test using a larger than block-size key and a larger than block-size data. The key "
                  "needs to be hashed before being used by the HMAC algorithm.",
                  "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"));
}

/* sshd makes the pattern as long as what was typed: every length must be known, and no near miss taken for one. */
static void test_junk(void)
{
    static const char pattern[] = "\b\n\r\177INCORRECT";
    char text[1025] = {0};

    CHECK(!is_junk_password(""));
    for (size_t length = 1; length < sizeof text; length++) {
        text[length - 1] = pattern[(length - 1) % (sizeof pattern - 1)];
        CHECK(is_junk_password(text));
        text[length - 1] ^= 1;
        CHECK(!is_junk_password(text));
        text[length - 1] ^= 1;
    }
    CHECK(!is_junk_password("INCORRECT"));
    CHECK(!is_junk_password("\n\b\r\177INCORRECT"));
}

static bool encodes_to(const char *value, const char *expected)
{
    struct request request;

    request_begin(&request);
    request_add(&request, "k", value, MESSAGE_LIMIT);
    if (!request_end(&request))
        return false;
    return request.length == strlen(expected) && memcmp(request.text, expected, request.length) == 0;
}

static void test_request(void)
{
    static struct request request;
    static char text[MESSAGE_LIMIT + 1];

    CHECK(encodes_to("", "k \nend\n"));
    CHECK(encodes_to("a b%c\n\377", "k a%20b%25c%0A%FF\nend\n"));
    CHECK(encodes_to("Az09._~:/@+-", "k Az09._~:/@+-\nend\n"));
    memset(text, 'a', MESSAGE_LIMIT - 7);
    request_begin(&request);
    request_add(&request, "k", text, MESSAGE_LIMIT);
    CHECK(request_end(&request) && request.length == MESSAGE_LIMIT);
    text[MESSAGE_LIMIT - 7] = 'a';
    CHECK(!encodes_to(text, ""));
    request_begin(&request);
    request_add(&request, "k", "12345", 5);
    CHECK(request.whole);
    request_add(&request, "k", "123456", 5);
    CHECK(!request.whole && !request_end(&request));
    request_add(&request, "k", "1", 5);
    CHECK(!request_end(&request));
}

static bool parses(const char *text, struct answer *answer)
{
    /* A copy of the exact size, so that the sanitizer sees a read beyond the end. */
    size_t length = strlen(text);
    char *copy = malloc(length + 1);
    bool good;

    memcpy(copy, text, length);
    good = parse_answer(memmove(copy + 1, copy, length), length, answer);
    free(copy);
    return good;
}

static void test_good_answers(void)
{
    struct answer answer;

    CHECK(parses("verdict allow\nlogin_id lgn_A-1\nend\n", &answer) && answer.verdict == VERDICT_ALLOW &&
          strcmp(answer.login_id, "lgn_A-1") == 0);
    CHECK(parses("verdict allow\nsession_id ses_x\nnew_key %C3%A4\nend\n", &answer) &&
          strcmp(answer.session_id, "ses_x") == 0 && answer.login_id[0] == '\0');
    CHECK(parses("message Wait%20a%20minute.\nverdict throttled\nend\n", &answer) &&
          answer.verdict == VERDICT_THROTTLED && strcmp(answer.message, "Wait a minute.") == 0);
    CHECK(parses("verdict unknown\nend\n", &answer) && answer.verdict == VERDICT_UNKNOWN);
    CHECK(parses("verdict deny\nend\n", &answer) && answer.verdict == VERDICT_DENY);
    CHECK(parses("verdict ask\nhandle hnd_1\nend\n", &answer) && answer.verdict == VERDICT_ASK &&
          strcmp(answer.handle, "hnd_1") == 0);
    CHECK(parses("verdict allow\nkey_line from%3D%22::1%22%20ssh-ed25519%20AAAA\nend\n", &answer) &&
          strcmp(answer.key_line, "from=\"::1\" ssh-ed25519 AAAA") == 0);
    CHECK(parses("verdict unavailable\nend\n", &answer) && answer.verdict == VERDICT_UNAVAILABLE);
}

/* Each of these says "allow" to a careless reader. */
static void test_bad_answers(void)
{
    static const char *const bad[] = {
        "", "end\n", "\nend\n", "verdict allow\n", "verdict allow\nend", "verdict allow\nen", "verdict allow",
        "verdict allow\nverdict allow\nend\n", "verdict deny\nverdict allow\nend\n",
        "verdict allow\nx 1\nx 1\nend\n", "verdict allow\nend\nend\n", "verdict allow\nend\nverdict deny\nend\n",
        "verdict allow\n\nend\n", "verdict  allow\nend\n", "verdict allow \nend\n", " verdict allow\nend\n",
        "verdict\nend\n", "verdictallow\nend\n", "Verdict allow\nend\n", "verdict Allow\nend\n",
        "verdict allow\r\nend\r\n", "verdict %61llow\nend\n", "verdict allo\nend\n", "verdict allowed\nend\n",
        "login_id a\nend\n", "verdict allow\nlogin_id \nend\n", "verdict allow\nlogin_id a%20b\nend\n",
        "verdict allow\nlogin_id a.b\nend\n", "verdict allow\nlogin_id a%0Ab\nend\n",
        "verdict allow\nsession_id ../x\nend\n", "verdict allow\nmessage %\nend\n", "verdict allow\nmessage %4\nend\n",
        "verdict allow\nmessage %4x\nend\n", "verdict allow\nmessage %0a\nend\n", "verdict allow\nmessage a%00b\nend\n",
        "verdict allow\nmessage a b\nend\n", "verdict allow\nmessage %FF\nend\n", "verdict allow\nx %C3A4\nend\n",
        "verdict allow\nmessage a\tb\nend\n", "verdict allow\nmessage \377\nend\n",
        "verdict ask\nhandle a%20b\nend\n", "verdict ask\nhandle \nend\n",
        "verdict allow\nkey_line a%0Ab\nend\n", "verdict allow\nkey_line a%0D\nend\n",
        "verdict allow\nkey_line %09\nend\n", "verdict allow\nkey_line %C3%A4\nend\n",
        "verdict allow\n9x 1\nend\n", "verdict allow\nx-y 1\nend\n", "verdict allow\n_x 1\nend\n",
        "verdict allow\nabcdefghijklmnopqrstuvwxyz0123456 1\nend\n",
        "verdict allow\nlogin_id 123456789012345678901234567890123456789012345678901234567890123456789012345678901\nend\n",
    };
    struct answer answer;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        bool good = parses(bad[i], &answer);
        if (good)
            fprintf(stderr, "taken for an answer: %s\n", bad[i]);
        CHECK(!good && answer.verdict == VERDICT_UNAVAILABLE && answer.login_id[0] == '\0');
    }
    CHECK(!parse_answer("verdict allow\n\0 1\nend\n", 22, &answer));
    CHECK(!parse_answer("verdict allow\0\nend\n", 19, &answer));
}

static void test_answer_limits(void)
{
    static char text[2 * MESSAGE_LIMIT];
    struct answer answer;
    size_t length = (size_t)sprintf(text, "verdict deny\nx ");

    memset(text + length, 'a', MESSAGE_LIMIT - length - 5);
    memcpy(text + MESSAGE_LIMIT - 5, "\nend\n", 6);
    CHECK(parse_answer(text, MESSAGE_LIMIT, &answer));
    memcpy(text + MESSAGE_LIMIT - 5, "a\nend\n", 7);
    CHECK(!parse_answer(text, MESSAGE_LIMIT + 1, &answer));
    for (int lines = LINE_LIMIT - 1; lines <= LINE_LIMIT; lines++) {
        length = (size_t)sprintf(text, "verdict deny\n");
        for (int i = 0; i < lines; i++)
            length += (size_t)sprintf(text + length, "k%d 1\n", i);
        length += (size_t)sprintf(text + length, "end\n");
        CHECK(parse_answer(text, length, &answer) == (lines == LINE_LIMIT - 1));
    }
    CHECK(is_terminated("end\n", 4) && is_terminated("a b\nend\n", 8));
    CHECK(!is_terminated("", 0) && !is_terminated("end", 3) && !is_terminated("xend\n", 5));
}

static bool shows_as(const char *sent, const char *expected)
{
    char text[128];

    snprintf(text, sizeof text, "%s", sent);
    make_presentable(text);
    return strcmp(text, expected) == 0;
}

/* What the agent relays may have begun with an attacker: no escape sequence reaches a terminal. */
static void test_presentable(void)
{
    CHECK(shows_as("Zu viele Versuche: zehn Minuten für \xe2\x82\xac.", "Zu viele Versuche: zehn Minuten für \xe2\x82\xac."));
    CHECK(shows_as("\033[2Ja\r\n\tb\177", "[2Jab"));
    CHECK(shows_as("a\xc2\x9b""31mb", "a31mb"));
    CHECK(shows_as("a\x9b""b\xff", "a?b?"));
    CHECK(shows_as("\xc0\x9b\xe2\x82", "????"));
    CHECK(shows_as("\xed\xa0\x80\xf4\x90\x80\x80", "???????"));
    CHECK(shows_as("\xf0\x9f\x94\x92", "\xf0\x9f\x94\x92"));
    CHECK(shows_as("", ""));
}

static void test_small_parts(void)
{
    char id[ID_LIMIT + 2];
    uint8_t bytes[2];

    memset(id, 'x', sizeof id);
    id[ID_LIMIT] = '\0';
    CHECK(is_id(id) && is_id("a") && is_id("A_z-9") && !is_id("") && !is_id("a b") && !is_id("\xc3\xa4"));
    id[ID_LIMIT] = 'x';
    id[ID_LIMIT + 1] = '\0';
    CHECK(!is_id(id));
    CHECK(from_hex("aFf0", bytes, 2) && bytes[0] == 0xaf && bytes[1] == 0xf0);
    CHECK(!from_hex("ag00", bytes, 2) && !from_hex("0", bytes, 1));
    CHECK(is_lower_hex("09af", 4) && !is_lower_hex("09aF", 4));
    CHECK(same_bytes("abc", "abc", 3) && !same_bytes("abc", "abd", 3) && !same_bytes("bbc", "abc", 3));
}

static bool option_taken(const char *option)
{
    struct settings settings;
    const char *arguments[] = {option};

    return settings_read(&settings, 1, arguments) == NULL;
}

static void test_settings(void)
{
    static const char *const good[] = {"agent=127.0.0.1:7422", "agent=127.8.9.10:1", "agent=[::1]:65535", "key=/k",
                                       "store=ftp", "channel=sftp-x", "timeout=1", "timeout=60", "unknown=deny",
                                       "unknown=ignore", "code=prompt", "code=none", "after_key=password",
                                       "after_key=code", "after_key=code-if-set", "read_only=enforced", "read_only=no",
                                       "encrypted=unknown", "encrypted=always", "encrypted=never",
                                       "encrypted=ftps-variable"};
    static const char *const bad[] = {
        "agent=", "agent=127.0.0.1", "agent=127.0.0.1:0", "agent=127.0.0.1:65536", "agent=127.0.0.1:7422x",
        "agent=0.0.0.0:7422", "agent=10.0.0.1:7422", "agent=128.0.0.1:7422", "agent=localhost:7422", "agent=::1:7422",
        "agent=[::2]:7422", "agent=[::]:7422", "agent=[::ffff:127.0.0.1]:7422", "agent=[127.0.0.1]:7422",
        "agent=[fe80::1]:7422", "agent=127.1:7422", "agent=127.0.0.1:-1", "key=", "key=k", "store=", "store=a b",
        "store=A", "channel=1x", "channel=abcdefghijklmnopqrstuvwxyz0123456", "timeout=0", "timeout=61", "timeout=",
        "timeout=5s", "timeout=-1", "timeout=99999999999", "unknown=", "unknown=allow", "unknwon=ignore", "debug", "", "code=", "code=ask",
        "codes=prompt", "after_key=", "after_key=code-if", "after_key=codex", "read_only=yes", "read_only=",
        "encrypted=yes", "encrypted="};

    struct settings settings;
    const char *arguments[] = {"after_key=code-if-set", "code=prompt"};

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CHECK(option_taken(good[i]));
    CHECK(settings_read(&settings, 0, arguments) == NULL && settings.after_key == AFTER_KEY_PASSWORD &&
          !settings.may_prompt && !settings.read_only_enforced && settings.encrypted == ENCRYPTED_UNKNOWN && !settings.ignore_unknown);
    CHECK(settings_read(&settings, 2, arguments) == NULL && settings.after_key == AFTER_KEY_CODE_IF_SET &&
          settings.may_prompt);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK(!option_taken(bad[i]));
}

static bool key_taken(const char *content, mode_t mode, uid_t owner)
{
    char path[] = "/tmp/gatehouse-unit-XXXXXX";
    uint8_t key[KEY_BYTES];
    int fd = mkstemp(path);
    bool good = fd != -1 && write(fd, content, strlen(content)) == (ssize_t)strlen(content);

    good = good && fchmod(fd, mode) == 0 && (geteuid() != 0 || fchown(fd, owner, 0) == 0);
    good = good && key_read(path, key) == NULL;
    close(fd);
    unlink(path);
    return good;
}

#define DIGITS "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"

static void test_key_file(void)
{
    uint8_t key[KEY_BYTES];

    CHECK(key_read("/nonexistent/pam.key", key) != NULL);
    CHECK(key_read("/dev/null", key) != NULL);
    CHECK(key_read("/etc", key) != NULL);
    if (geteuid() != 0)
        return;
    CHECK(key_taken(DIGITS "f\n", 0600, 0) && key_taken(DIGITS "f", 0400, 0));
    CHECK(!key_taken(DIGITS "f\n", 0640, 0) && !key_taken(DIGITS "f\n", 0604, 0) && !key_taken(DIGITS "f\n", 0610, 0));
    CHECK(!key_taken(DIGITS "f\n", 0600, 1));
    CHECK(!key_taken(DIGITS "\n", 0600, 0) && !key_taken(DIGITS "ff", 0600, 0) && !key_taken(DIGITS "f\n\n", 0600, 0));
    CHECK(!key_taken(DIGITS "g\n", 0600, 0) && !key_taken("", 0600, 0));
}

static size_t from_line(const char *line, char *bytes)
{
    size_t length = strcspn(line, "\n") / 2;

    if (!from_hex(line, (uint8_t *)bytes, length))
        exit(2);
    bytes[length] = '\0';
    return length;
}

static void print_hex(const char *text)
{
    for (; *text != '\0'; text++)
        printf("%02x", (unsigned char)*text);
}

static void print_answer(const char *text, size_t length)
{
    static const char *const words[] = {"unavailable", "allow", "deny", "unknown", "throttled", "ask"};
    struct answer answer;

    if (!parse_answer(text, length, &answer)) {
        puts("refused");
        return;
    }
    printf("%s %s %s ", words[answer.verdict], answer.login_id, answer.session_id);
    print_hex(answer.message);
    putchar('\n');
}

static void print_encoded(const char *value)
{
    struct request request;

    request_begin(&request);
    request_add(&request, "k", value, MESSAGE_LIMIT);
    printf("%.*s", request_end(&request) ? (int)(request.length - 4) : 0, request.text);
}

/* Serves the other side's comparisons, one line of hex at a time. */
static int compare(const char *word)
{
    static char line[4 * MESSAGE_LIMIT], bytes[2 * MESSAGE_LIMIT + 1];

    while (fgets(line, sizeof line, stdin) != NULL) {
        size_t length = from_line(line, bytes);
        if (strcmp(word, "encode") == 0)
            print_encoded(bytes);
        else if (strcmp(word, "junk") == 0)
            printf("%d\n", is_junk_password(bytes));
        else if (strcmp(word, "answer") == 0)
            print_answer(bytes, length);
        else
            return 2;
    }
    return 0;
}

static int print_mac(char **argv)
{
    uint8_t key[KEY_BYTES];
    char proof[HEX_DIGITS + 1];

    if (strlen(argv[3]) != HEX_DIGITS || !from_hex(argv[3], key, sizeof key))
        return 2;
    proof_for(argv[2], key, argv[4], argv[5], proof);
    puts(proof);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 6 && strcmp(argv[1], "mac") == 0)
        return print_mac(argv);
    if (argc == 2)
        return compare(argv[1]);
    test_sha256();
    test_hmac();
    test_junk();
    test_request();
    test_good_answers();
    test_bad_answers();
    test_answer_limits();
    test_presentable();
    test_small_parts();
    test_settings();
    test_key_file();
    fprintf(stderr, "%d failures\n", failures);
    return failures == 0 ? 0 : 1;
}
