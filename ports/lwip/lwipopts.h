/* lwIP for a web server in 64 KiB of RAM: IPv4 and IPv6, TCP, no threads, no heap but arrays.
 *
 * A number that a board wants otherwise is given to the compiler. What follows from what:
 *   - A peer's unread bytes are bounded by TCP_WND, all of them by PBUF_POOL_SIZE: when that is
 *     used up, frames are dropped, and come again.
 *   - LN_LWIP_CONNECTIONS slots and LN_LWIP_BACKLOG clients who wait have a control block each;
 *     the others are for ends of connections, which a new client may push out. */
#ifndef LN_PORTS_LWIP_LWIPOPTS_H
#define LN_PORTS_LWIP_LWIPOPTS_H

#include "ports/lwip/arch/cc.h"

#if !defined(LN_LWIP_CONNECTIONS)
#    define LN_LWIP_CONNECTIONS 8
#endif
#if !defined(LN_LWIP_BACKLOG)
#    define LN_LWIP_BACKLOG 4
#endif

#define NO_SYS                   1
#define SYS_LIGHTWEIGHT_PROT     0
#define LWIP_NETCONN             0
#define LWIP_SOCKET              0
#define LWIP_UDP                 0
#define LWIP_RAW                 0
#define LWIP_STATS               0
#define LWIP_NETIF_API           0
#define LWIP_NETIF_HOSTNAME      0
#define LWIP_NETIF_LINK_CALLBACK 0
#define LWIP_ACD                 0
#define LWIP_DHCP                0
#define LWIP_AUTOIP              0

#define LWIP_IPV4                      1
#define IP_REASSEMBLY                  0
#define IP_FRAG                        0
#define IP_FORWARD                     0
#define ARP_TABLE_SIZE                 8
#define ARP_QUEUEING                   0
#define LWIP_IPV6                      1
#define LWIP_IPV6_MLD                  0
#define LWIP_IPV6_REASS                0
#define LWIP_IPV6_FRAG                 0
#define LWIP_IPV6_DHCP6                0
#define LWIP_IPV6_AUTOCONFIG           1
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS  0 /* which needs multicast groups */
#define LWIP_IPV6_NUM_ADDRESSES        3
#define LWIP_ND6_NUM_NEIGHBORS         6
#define LWIP_ND6_NUM_DESTINATIONS      6
#define LWIP_ND6_NUM_PREFIXES          2
#define LWIP_ND6_NUM_ROUTERS           1
#define LWIP_ND6_QUEUEING              0
#define LWIP_ND6_RDNSS_MAX_DNS_SERVERS 0
#define LWIP_ICMP6_CHECKSUM_CHECK      1

#define MEM_ALIGNMENT __SIZEOF_POINTER__
#if !defined(MEM_SIZE)
#    define MEM_SIZE 3072 /* heads of what is sent, and ARP; an array, not a heap of the system */
#endif
#if !defined(PBUF_POOL_SIZE)
#    define PBUF_POOL_SIZE 24
#endif
#define PBUF_POOL_BUFSIZE       208 /* an acknowledgement takes one, a full segment three */
#define MEMP_NUM_PBUF           24
#define MEMP_NUM_TCP_SEG        24
#define MEMP_NUM_TCP_PCB_LISTEN 1
#define MEMP_NUM_TCP_PCB        (LN_LWIP_CONNECTIONS + LN_LWIP_BACKLOG + 3)

#define LWIP_TCP            1
#define TCP_MSS             536
#define TCP_WND             (2 * TCP_MSS)
#define TCP_SND_BUF         (4 * TCP_MSS)
#define TCP_SND_QUEUELEN    12
#define TCP_QUEUE_OOSEQ     0
#define TCP_LISTEN_BACKLOG  1
#define TCP_OVERSIZE        0
#define TCP_MSL             5000 /* ms; a board has few control blocks to wait in */
#define LWIP_TCP_KEEPALIVE  0
#define LWIP_TCP_TIMESTAMPS 0

#endif
