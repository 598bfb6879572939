// A target needs a source; all of this one stands in the header.
#include "CMask.h"
