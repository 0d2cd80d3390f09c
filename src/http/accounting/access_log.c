#include "http/accounting/access_log.h"

#include <netdb.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"

enum { CLIENT_BYTES = 64 };

static const char *client_of(const struct connection *connection, char out[CLIENT_BYTES])
{
    struct sockaddr_storage address;
    socklen_t address_bytes = sizeof address;
    if (getpeername(connection->fd, (struct sockaddr *)&address, &address_bytes) ||
        getnameinfo((struct sockaddr *)&address, address_bytes, out, CLIENT_BYTES, NULL, 0, NI_NUMERICHOST))
        return "-";
    return out;
}

void access_log(const struct connection *connection, const struct request *request, uint64_t now_ns)
{
    char client[CLIENT_BYTES];
    log_info("%s \"%s %s\" %u %zu %.6f", client_of(connection, client), request->method, request->target,
             request->reply.status, request->reply.body_bytes,
             (double)clock_between(request->received_ns, now_ns) / NS_PER_S);
}

void access_log_refusal(const struct connection *connection, const struct reply *reply)
{
    char client[CLIENT_BYTES];
    log_info("%s \"-\" %u %zu -", client_of(connection, client), reply->status, reply->body_bytes);
}
