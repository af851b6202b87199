// Licence expressions from outside: any text has a verdict, and one that the user lists word by word is refused.
#include <stdlib.h>
#include <string.h>

#include "agents/licence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *listed[] = {xstrndup((const char *)data, size)};
	cleanup_json json_t *text = json_string(listed[0]);
	if (text && *listed[0]) {
		struct config config = {.licence_listed = LICENCE_REFUSE, .licence_refused = {listed, 1}};
		cleanup_json json_t *licence = json_pack("{s:O, s:s, s:[]}", "expression", text, "source",
							 "License-Expression", "classifiers");
		cleanup_free char *reason = NULL, *other = NULL;
		if (licence_judge(licence, &config, &reason) != LICENCE_REFUSED || !reason)
			abort();
		char *mit[] = {(char[]){"MIT"}};
		config.licence_refused = (struct config_strings){mit, 1};
		licence_judge(licence, &config, &other);
	}
	free(listed[0]);
	return 0;
}
