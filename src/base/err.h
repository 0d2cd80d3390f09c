/* Errors: a code for the caller, a sentence for the user.
 *
 * A function that can fail returns enum err and sets its out-parameters only on ERR_OK. Errors of libuv, libmicrohttpd,
 * Python and the C library are translated at the call. If the server cannot start, main prints one sentence. It names
 * the option or the thing at fault and says what would be right. */
#ifndef TANDEM_BASE_ERR_H
#define TANDEM_BASE_ERR_H

#define PRINTF_LIKE(at, first) __attribute__((format(printf, at, first)))
#define WARN_UNUSED            __attribute__((warn_unused_result))

enum err {
    ERR_OK = 0,
    ERR_NOMEM,   /* memory ran out */
    ERR_BUSY,    /* a bounded queue is full; the caller still owns what it offered */
    ERR_INVALID, /* the input is wrong */
    ERR_SYSTEM,  /* the operating system or a library refused */
    ERR_PYTHON,  /* the interpreter refused, or Python code raised */
    ERR_APP,     /* the user's app or native handler would not load */
};

enum { ERR_MESSAGE_BYTES = 512 };

/* ANY thread. Stores the formatted sentence for the calling thread, cut to fit ERR_MESSAGE_BYTES. Returns code. */
WARN_UNUSED enum err err_fail(enum err code, const char *format, ...) PRINTF_LIKE(2, 3);

/* ANY thread. Returns the sentence of the calling thread's last err_fail, "" if there was none. Valid until this
 * thread's next err_fail. */
const char *err_message(void);

#endif
