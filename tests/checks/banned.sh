#!/bin/sh
# Calls that this program does not use: each line of the list says why.
cd "$(dirname "$0")/../.." || exit 2
bad=0
ban() { # extended regular expression, reason, files
    found=$(for file in $3; do
        sed -E 's://.*::' "$file" | grep -nE "(^|[^A-Za-z0-9_.>\"])($1)[[:space:]]*\(" | sed "s:^:$file\::"
    done)
    if [ -n "$found" ]; then echo "banned ($2):"; echo "$found"; bad=1; fi
}
all=$(git ls-files -co --exclude-standard 'core/*.[ch]' 'graphs/*.[ch]' 'resolver/*.[ch]' 'scheduler/*.[ch]' 'agents/*.[ch]' 'cli/*.[ch]')
quiet=$(printf '%s\n' $all | grep -v '^cli/')
ban 'strcpy|strcat|sprintf|vsprintf|gets|stpcpy' 'no bound' "$all"
ban 'strtok|asctime|ctime|gmtime|localtime|strerror_l|rand|srand|tmpnam|mktemp|tempnam' 'hidden or shared state' "$all"
ban 'atoi|atol|atoll|atof|sscanf' 'no errors: use parse_i64' "$all"
ban 'system|popen|wordexp' 'a shell: use core/process.h' "$all"
ban 'alloca' 'stack without a bound' "$all"
ban 'malloc|calloc|realloc|strdup|strndup|asprintf' 'unchecked: use the x… family of core/memory.h' "$(printf '%s\n' $all | grep -v '^core/memory.c')"
ban 'archive_read_support_filter_all|archive_read_support_format_all' 'runs external programs' "$all"
ban 'printf|puts|putchar|perror|exit' 'only cli and the agent print or exit' "$quiet"
exit $bad
