/* The one way in which a program of bench/ gives up: a sentence on standard error, exit code 1. */
#ifndef LN_BENCH_FAIL_H
#define LN_BENCH_FAIL_H

/* Prints the sentence, and what errno says when it is not 0. Does not return. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
