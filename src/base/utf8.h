/* UTF-8 (RFC 3629), for text that came from outside and goes into JSON. */
#ifndef TANDEM_BASE_UTF8_H
#define TANDEM_BASE_UTF8_H

/* Puts '?' in the place of each byte of the string that is no part of a UTF-8 character. */
void utf8_repair(char *text);

#endif
