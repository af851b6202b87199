// gophersnake pep: the standards' primitives as JSON lines, in and out.
#include <stdio.h>

#include "cli/cli.h"
#include "resolver/pep.h"

int cmd_pep(struct cli *cli, struct error *err)
{
	cleanup_free char *line = NULL;
	size_t room = 0;
	ssize_t length;
	while (!*cli->interrupted && (length = getline(&line, &room, stdin)) > 0) {
		cleanup_text struct text answer = TEXT_INIT;
		pep_line(slice_trim((struct slice){line, (size_t)length}), &answer);
		text_add_char(&answer, '\n');
		fwrite(answer.ptr, 1, answer.len, stdout);
	}
	return ferror(stdin) ? error_set(err, ERROR_INPUT, "standard input: cannot read") : 0;
}
