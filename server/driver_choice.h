/* `--driver auto`: the first of the drivers that the system lets work, and why not an earlier one.
 *
 * The order is that of linnet_drivers(), the fastest first. Each is opened beside a worker of its
 * own, which tries what the driver stands on, and closed again; before boot. */
#ifndef LN_SERVER_DRIVER_CHOICE_H
#define LN_SERVER_DRIVER_CHOICE_H

#include <stdbool.h>

#include <linnet/driver.h>

#define LN_DRIVER_AUTO "auto"

struct ln_driver_choice {
    bool made;           /* nobody has said which driver */
    const char *refused; /* the name of the first driver that does not work here, or NULL */
    const char *why;     /* for people */
};

/* Sets *driver if it is NULL. The limits say how much the driver will ask of the system. */
void ln_driver_choice_make(const struct linnet_driver_operations **driver,
                           const struct linnet_limits *limits, struct ln_driver_choice *choice);

#endif
