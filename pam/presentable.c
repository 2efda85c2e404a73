/* Text that came from elsewhere, made or found fit for a terminal or a file of lines. */
#include "presentable.h"

#include <stddef.h>
#include <string.h>

/* How many bytes the UTF-8 character at `text` has (1 to 4), or 0 when it is malformed (RFC 3629). */
static size_t character_length(const unsigned char *text)
{
    size_t length = text[0] < 0x80 ? 1 : text[0] < 0xc2 ? 0 : text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;

    if (text[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    if ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f) ||
        (text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] > 0x8f))
        return 0;
    return length;
}

bool is_utf8(const char *text)
{
    while (*text != '\0') {
        size_t length = character_length((const unsigned char *)text);
        if (length == 0)
            return false;
        text += length;
    }
    return true;
}

bool is_printable_line(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < 0x20 || *text > 0x7e)
            return false;
    return true;
}

void make_presentable(char *text)
{
    const unsigned char *from = (const unsigned char *)text;
    char *to = text;

    while (*from != '\0') {
        size_t length = character_length(from);
        bool control = *from < 0x20 || *from == 0x7f || (*from == 0xc2 && from[1] < 0xa0);
        if (length == 0)
            *to++ = '?';
        else if (!control)
            to = (char *)memmove(to, from, length) + length;
        from += length == 0 ? 1 : length;
    }
    *to = '\0';
}
