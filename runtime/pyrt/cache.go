package pyrt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// cacheFolder is where this user keeps what can be made again: $GOPHERSNAKE_CACHE_DIR, else gophersnake in the user's cache
// folder ($XDG_CACHE_HOME or ~/.cache).
func cacheFolder() (string, error) {
	if folder := os.Getenv("GOPHERSNAKE_CACHE_DIR"); folder != "" {
		return filepath.Abs(folder)
	}
	folder, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(folder, "gophersnake"), nil
}

var sayPrivate sync.Once

// sourcesFolder gives the folder for unpacked releases: in the cache, or, when that cannot be written, a private one among
// the temporary files, which is said once.
func sourcesFolder() (string, error) {
	folder, err := cacheFolder()
	if err == nil {
		folder = filepath.Join(folder, "pysrc")
		if err = tryFolder(folder); err == nil {
			return folder, nil
		}
	}
	private, privateErr := privateFolder()
	if privateErr != nil {
		return "", fmt.Errorf("no place to unpack Python files to: %w", errors.Join(err, privateErr))
	}
	sayPrivate.Do(func() {
		fmt.Fprintf(os.Stderr, "pyrt: the cache folder cannot be written (%v): Python files are unpacked to %s. Set GOPHERSNAKE_CACHE_DIR to keep them elsewhere.\n", err, private)
	})
	return private, nil
}

// tryFolder makes a folder and sees that files can be made in it.
func tryFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(folder, ".try-*")
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// privateFolder is one folder per user, so that processes share it; one that somebody else made there is not taken.
func privateFolder() (string, error) {
	folder := filepath.Join(os.TempDir(), fmt.Sprintf("gophersnake-%d", os.Getuid()))
	err := os.Mkdir(folder, 0o700)
	if err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	info, err := os.Lstat(folder)
	if err != nil {
		return "", err
	}
	if info.IsDir() && info.Mode().Perm()&0o077 == 0 && ownedByUs(info) && tryFolder(folder) == nil {
		return folder, nil
	}
	return os.MkdirTemp("", "gophersnake-")
}
