// The version of the program and of the runtime module that it releases.
#ifndef CORE_VERSION_H
#define CORE_VERSION_H
#define GOPHERSNAKE_VERSION "0.1.0"
#define PYRT_VERSION "v0.3.0"
#endif
