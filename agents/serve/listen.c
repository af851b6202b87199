#include "agents/serve/listen.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/text.h"

enum { BACKLOG = 1024, HOST_SIZE = 256, PORT_SIZE = 8 };

static int split(const char *address, char host[HOST_SIZE], char port[PORT_SIZE], struct error *err)
{
	struct slice name = slice_of(address), number = {NULL, 0};
	const char *colon = strrchr(address, ':');
	uint64_t value;
	if (colon) {
		name.len = (size_t)(colon - address);
		number = slice_of(colon + 1);
	}
	bool bracketed = name.len > 2 && *name.ptr == '[' && name.ptr[name.len - 1] == ']';
	if (bracketed)
		name = (struct slice){name.ptr + 1, name.len - 2};
	if (name.len >= HOST_SIZE || number.len >= PORT_SIZE || parse_u64(number, &value) || value > 65535 ||
	    (!bracketed && name.len && memchr(name.ptr, ':', name.len)))
		return error_set(
			err, ERROR_USAGE,
			"--listen \"%.100s\": expected an address and a port, such as 127.0.0.1:8080, [::1]:8080 "
			"or :8080 (port 0: any free one)",
			address);
	memcpy(host, name.ptr, name.len);
	host[name.len] = '\0';
	memcpy(port, number.ptr, number.len);
	port[number.len] = '\0';
	return 0;
}

static int open_socket(const struct addrinfo *info, const char *address, int *out, struct error *err)
{
	const int on = 1, off = 0;
	cleanup_fd int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_errno(err, ERROR_NETWORK, "cannot listen at %s", address);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); // a restart does not wait for old connections
	if (info->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
	if (bind(fd, info->ai_addr, info->ai_addrlen) || listen(fd, BACKLOG)) {
		if (errno == EADDRINUSE)
			return error_set(
				err, ERROR_NETWORK,
				"cannot listen at %s: another program does; give another --listen, or port 0 for "
				"any free one",
				address);
		return error_errno(err, ERROR_NETWORK, "cannot listen at %s", address);
	}
	*out = fd;
	fd = -1;
	return 0;
}

static int describe(int fd, char **url, struct error *err)
{
	struct sockaddr_storage bound;
	socklen_t length = sizeof bound;
	char host[HOST_SIZE], port[PORT_SIZE];
	if (getsockname(fd, (struct sockaddr *)&bound, &length))
		return error_errno(err, ERROR_NETWORK, "getsockname");
	int failed = getnameinfo((struct sockaddr *)&bound, length, host, sizeof host, port, sizeof port,
				 NI_NUMERICHOST | NI_NUMERICSERV);
	if (failed)
		return error_set(err, ERROR_NETWORK, "getnameinfo: %s", gai_strerror(failed));
	bool six = strchr(host, ':') != NULL;
	*url = xasprintf("http://%s%s%s:%s", six ? "[" : "", host, six ? "]" : "", port);
	return 0;
}

int listen_at(const char *address, int *fd, char **url, struct error *err)
{
	char host[HOST_SIZE], port[PORT_SIZE];
	struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM}, *found = NULL;
	if (split(address, host, port, err))
		return -1;
	int failed = getaddrinfo(*host ? host : NULL, port, &hints, &found);
	if (failed)
		return error_set(err, ERROR_NETWORK, "cannot listen at %s: %s", address, gai_strerror(failed));
	int status = open_socket(found, address, fd, err);
	freeaddrinfo(found);
	if (!status && describe(*fd, url, err)) {
		close(*fd);
		status = -1;
	}
	return status;
}
