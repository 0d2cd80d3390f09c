#include "the_request.h"

struct request *request;
