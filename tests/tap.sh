#!/bin/sh
# Runs one test file for prove and speaks TAP: a cmocka program, a bats file, or a script that speaks it itself.
case "$1" in
*.bats) exec bats --tap "$1" ;;
*.sh) exec sh "$1" ;;
*.py) exec python3 "$1" ;;
*) CMOCKA_MESSAGE_OUTPUT=TAP exec "$1" ;;
esac
