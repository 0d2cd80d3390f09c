#include "python/the_request.h"

struct request *request;
