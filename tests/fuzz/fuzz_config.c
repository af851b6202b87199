// A configuration file, and the same bytes as "key NUL value" for flags. A refusal names the place and leaves nothing.
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/config.h"
#include "core/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool right)
{
	if (!right)
		abort();
}

static void check(const struct config *config)
{
	must(config->workspace && *config->workspace && config->host && strchr(config->host, '.') && config->go);
	must(config->agents >= 1 && config->agents <= 256 && config->lease >= 1000 && config->job_memory >= 256 << 20);
	must((unsigned)config->sandbox <= SANDBOX_USERNS && (unsigned)config->failure <= FAILURE_BLOCK &&
	     (unsigned)config->licence_unknown <= LICENCE_REFUSE);
	for (unsigned i = 0; i < config->requirements.count; i++)
		must(*config->requirements.items[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config config;
	struct error err = ERROR_INIT;
	cleanup_fd int fd = memfd_create("config", MFD_CLOEXEC);
	must(fd >= 0 && !file_write_all(fd, data, size));
	cleanup_free char *path = xasprintf("/proc/self/fd/%d", fd);
	if (config_load(path, &config, &err)) {
		must(err.code == ERROR_CONFIG && strstr(err.text, path) && !config.workspace);
	} else {
		check(&config);
		config_clear(&config);
	}
	cleanup_free char *key = xmemdup(data, size);
	const char *value = strlen(key) < size ? key + strlen(key) + 1 : "";
	must(!config_load("/dev/null", &config, &err));
	if (config_set(&config, key, value, "--flag", &err))
		must(err.code == ERROR_CONFIG && strstr(err.text, "--flag"));
	check(&config);
	config_clear(&config);
	return 0;
}
