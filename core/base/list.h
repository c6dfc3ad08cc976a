/* A doubly linked list of nodes that live inside what they link: no memory of its own.
 *
 * A node is in one list at most. An unlinked node points to itself, so that leaving twice is
 * harmless and `ln_list_is_linked` is one comparison. */
#ifndef LN_BASE_LIST_H
#define LN_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/assert.h"

struct ln_list_node {
    struct ln_list_node *next;
    struct ln_list_node *previous;
};

struct ln_list {
    struct ln_list_node head; /* its next is the first, its previous the last */
};

static inline void ln_list_node_init(struct ln_list_node *node)
{
    node->next = node;
    node->previous = node;
}

static inline void ln_list_init(struct ln_list *list)
{
    ln_list_node_init(&list->head);
}

static inline bool ln_list_is_empty(const struct ln_list *list)
{
    return list->head.next == &list->head;
}

static inline bool ln_list_is_linked(const struct ln_list_node *node)
{
    return node->next != node;
}

static inline void ln_list_remove(struct ln_list_node *node)
{
    if (!ln_list_is_linked(node)) {
        return;
    }
    LN_ASSERT(node->next->previous == node);
    LN_ASSERT(node->previous->next == node);
    node->previous->next = node->next;
    node->next->previous = node->previous;
    ln_list_node_init(node);
}

static inline void ln_list_append(struct ln_list *list, struct ln_list_node *node)
{
    LN_ASSERT(!ln_list_is_linked(node));
    node->previous = list->head.previous;
    node->next = &list->head;
    list->head.previous->next = node;
    list->head.previous = node;
}

/* The first node, or NULL; it stays in the list. */
static inline struct ln_list_node *ln_list_first(const struct ln_list *list)
{
    return ln_list_is_empty(list) ? NULL : list->head.next;
}

/* The struct that holds `node` as its member. */
#define LN_LIST_OWNER(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

#endif
