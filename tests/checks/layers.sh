#!/bin/sh
# Includes follow the arrows of docs/architecture.md: core ← graphs ← { resolver, scheduler } ← agents ← cli.
cd "$(dirname "$0")/../.." || exit 2
bad=0
check() { # room, rooms that it may include
    room=$1; allowed=$2
    found=$(grep -rnE '^#include "' "$room" --include='*.c' --include='*.h' | grep -vE "#include \"($allowed)/")
    if [ -n "$found" ]; then
        echo "layers: $room may include $(echo "$allowed" | tr '|' ' ') only:"; echo "$found"; bad=1
    fi
}
check core 'core'
check graphs 'core|graphs'
check resolver 'core|graphs|resolver'
check scheduler 'core|graphs|scheduler'
check agents 'core|graphs|resolver|scheduler|agents'
check cli 'core|graphs|resolver|scheduler|agents|cli'
exit $bad
