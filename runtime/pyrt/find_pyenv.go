package pyrt

import (
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
)

var pyenvExec = regexp.MustCompile(`(?m)^exec "?[^"\n]*/pyenv"? exec `)
var pyenvRoot = regexp.MustCompile(`(?m)^export PYENV_ROOT="([^"\n]*)"`)

// pyenvState tells for a pyenv shim what decides which interpreter it runs: PATH and pyenv's variables, the version files of
// the working directory and above, the global one, and the versions that are installed. False: it is another kind of script.
func pyenvState(script string) (state string, ok bool) {
	if !pyenvExec.MatchString(script) {
		return "", false
	}
	var lines []string
	for _, variable := range os.Environ() {
		if strings.HasPrefix(variable, "PYENV_") || strings.HasPrefix(variable, "_PYENV_") ||
			strings.HasPrefix(variable, "PATH=") || strings.HasPrefix(variable, "VIRTUAL_ENV=") {
			lines = append(lines, variable)
		}
	}
	sort.Strings(lines)
	root := ""
	if found := pyenvRoot.FindStringSubmatch(script); found != nil {
		root = found[1]
	} else if root = os.Getenv("PYENV_ROOT"); root == "" {
		return "", false
	}
	work, err := os.Getwd()
	if err != nil {
		return "", false
	}
	lines = append(lines, versionFiles(os.Getenv("PYENV_DIR"))...)
	lines = append(lines, versionFiles(work)...)
	lines = append(lines, fileState(filepath.Join(root, "version")), identity(filepath.Join(root, "versions")))
	return strings.Join(lines, "\n"), true
}

// versionFiles gives the state of each .python-version from that folder up: pyenv takes the first.
func versionFiles(folder string) []string {
	var lines []string
	for folder != "" {
		lines = append(lines, fileState(filepath.Join(folder, ".python-version")))
		up := filepath.Dir(folder)
		if up == folder {
			break
		}
		folder = up
	}
	return lines
}

func fileState(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return path + " (none)"
	}
	return path + " " + string(data)
}
