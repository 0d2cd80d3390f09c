#ifndef TANDEM_BASE_HEX_H
#define TANDEM_BASE_HEX_H

/* Returns the value of a hexadecimal digit, -1 for any other byte. */
static inline int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
        return (c | 0x20) - 'a' + 10;
    return -1;
}

#endif
