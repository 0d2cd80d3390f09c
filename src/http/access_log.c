#include "http/access_log.h"

#include <netdb.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"

void access_log(const struct connection *connection, const struct request *request, uint64_t now_ns)
{
    struct sockaddr_storage address;
    socklen_t address_bytes = sizeof address;
    char client[64] = "-";
    if (getpeername(connection->fd, (struct sockaddr *)&address, &address_bytes) == 0)
        (void)getnameinfo((struct sockaddr *)&address, address_bytes, client, sizeof client, NULL, 0, NI_NUMERICHOST);
    log_info("%s \"%s %s\" %u %zu %.6f", client, request->method, request->target, request->reply.status,
             request->reply.body_bytes, (double)clock_between(request->received_ns, now_ns) / NS_PER_S);
}
