//go:build unix

package pyrt

import (
	"os"
	"syscall"
)

func ownedByUs(info os.FileInfo) bool {
	state, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(state.Uid) == os.Getuid()
}
