/* Text that came from elsewhere, made or found fit for a terminal or a file of lines. */
#ifndef GATEHOUSE_PRESENTABLE_H
#define GATEHOUSE_PRESENTABLE_H

#include <stdbool.h>

/* RFC 3629: no overlong forms, no surrogates. */
bool is_utf8(const char *text);

/* Whether a text is printable ASCII without line breaks: what may go into an authorized_keys file as one line. */
bool is_printable_line(const char *text);

/* Keeps what a terminal cannot take for a command: drops C0 and C1 controls, and replaces what is not UTF-8. */
void make_presentable(char *text);

#endif
