//go:build !gophersnake_bundle

// The GIL and the thread states of this process's threads.
//
// A thread that calls Python keeps its thread state until it ends: making one
// for each call would cost forty times the call. Between calls nobody of ours
// holds the GIL. Threads that are Python's own, and all threads of a Python
// host, go through PyGILState, which knows whether they hold the GIL already.
#include <pthread.h>

#include "internal.h"

enum { KEPT = -1 };
enum { GIL_UNLOCKED = 1 }; // PyGILState_UNLOCKED

bool pyrt_hosted;

static __thread void *own; // this thread's state, without the GIL
static pthread_key_t thread_end;

// The thread that made its state with PyGILState_Ensure gives it back as it ends.
static void thread_ended(void *state)
{
	py.PyEval_RestoreThread(state);
	py.PyGILState_Release(GIL_UNLOCKED);
}

void pyrt_gil_open(void)
{
	pthread_key_create(&thread_end, thread_ended); // without a key, states of ended threads stay: no harm
}

void pyrt_gil_starter(void *state)
{
	own = state;
}

int pyrt_enter(void)
{
	if (own && !pyrt_hosted) {
		py.PyEval_RestoreThread(own);
		return KEPT;
	}
	if (own || py.PyGILState_GetThisThreadState())
		return py.PyGILState_Ensure();
	py.PyGILState_Ensure();
	own = py.PyGILState_GetThisThreadState();
	pthread_setspecific(thread_end, own);
	return KEPT;
}

void pyrt_leave(int how)
{
	if (pyrt_written) {
		pyrt_written = false;
		PyObject *result = py.PyObject_CallObject(pyrt_hooks.flush, NULL);
		if (!result)
			py.PyErr_WriteUnraisable(NULL); // the call itself went well: say it as Python does at exit
		pyrt_drop(result);
	}
	if (how == KEPT)
		py.PyEval_SaveThread();
	else
		py.PyGILState_Release(how);
}

struct pyrt_outside pyrt_go_outside(void)
{
	struct pyrt_outside outside = {.before = own};
	outside.state = own = py.PyEval_SaveThread();
	return outside;
}

void pyrt_come_back(struct pyrt_outside outside)
{
	own = outside.before;
	py.PyEval_RestoreThread(outside.state);
}
