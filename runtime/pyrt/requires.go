package pyrt

import (
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// pythonFits tells whether a Requires-Python (PEP 440 specifiers) takes an interpreter of that version. A clause that is no
// specifier says nothing, as for pip: the release was converted, so somebody could run it.
func pythonFits(requires string, version [3]int) bool {
	for _, clause := range strings.Split(requires, ",") {
		if !clauseFits(strings.TrimSpace(clause), version[:]) {
			return false
		}
	}
	return true
}

func clauseFits(clause string, version []int) bool {
	text := strings.TrimLeft(clause, "=!<>~")
	operator := clause[:len(clause)-len(text)]
	text = strings.TrimPrefix(strings.TrimSpace(text), "v")
	text, prefix := strings.CutSuffix(text, ".*")
	wanted, stage, ok := releaseOf(text)
	if !ok {
		return true
	}
	order := slices.Compare(padded(version, wanted), padded(wanted, version))
	if order == 0 {
		order = -stage // 3.10 is later than 3.10rc1, earlier than 3.10.post1
	}
	same := order == 0
	within := len(wanted) <= len(version) && slices.Equal(version[:len(wanted)], wanted)
	switch operator {
	case "==":
		return prefix && within || !prefix && same
	case "!=":
		return !(prefix && within || !prefix && same)
	case "===":
		return same
	case ">=":
		return order >= 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case "<":
		return order < 0
	case "~=":
		if len(wanted) < 2 {
			return true
		}
		return order >= 0 && slices.Equal(version[:len(wanted)-1], wanted[:len(wanted)-1])
	}
	return true
}

// releaseOf gives the numbers of a version, and -1 if it is a pre-release of them, 1 if a post-release.
func releaseOf(text string) (release []int, stage int, ok bool) {
	end := strings.IndexFunc(text, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if end >= 0 {
		rest := strings.TrimLeft(text[end:], "-_.")
		switch {
		case strings.HasPrefix(rest, "post"):
			stage = 1
		case strings.HasPrefix(rest, "a") || strings.HasPrefix(rest, "b") || strings.HasPrefix(rest, "c") ||
			strings.HasPrefix(rest, "rc") || strings.HasPrefix(rest, "dev") || strings.HasPrefix(rest, "pre"):
			stage = -1
		}
		text = text[:end]
	}
	for _, part := range strings.Split(strings.TrimRight(text, "."), ".") {
		number, err := strconv.Atoi(part)
		if err != nil {
			return nil, 0, false
		}
		release = append(release, number)
	}
	return release, stage, len(release) <= 3
}

func padded(version, other []int) []int {
	longer := slices.Clone(version)
	for len(longer) < len(other) {
		longer = append(longer, 0)
	}
	return longer
}

// tagFits tells whether an interpreter can load what a wheel of that (compressed) tag holds.
func tagFits(tag string, found *probe) bool {
	parts := strings.Split(tag, "-")
	if len(parts) < 3 {
		return true
	}
	parts = parts[len(parts)-3:]
	for _, python := range strings.Split(parts[0], ".") {
		for _, abi := range strings.Split(parts[1], ".") {
			for _, platform := range strings.Split(parts[2], ".") {
				if abiFits(python, abi, found.release()) && platformFits(platform, found) {
					return true
				}
			}
		}
	}
	return false
}

func abiFits(python, abi string, version [3]int) bool {
	kind := strings.TrimRight(python, "0123456789")
	digits := python[len(kind):]
	if (kind != "cp" && kind != "py") || !strings.HasPrefix(digits, "3") {
		return false
	}
	minor, exact := 0, digits != "3"
	if exact {
		minor, _ = strconv.Atoi(digits[1:])
	}
	own := "cp3" + strconv.Itoa(version[1])
	switch abi {
	case "none", "abi3":
		if kind == "cp" && abi == "none" && exact {
			return minor == version[1]
		}
		return minor <= version[1]
	case own:
		return kind == "cp" && minor == version[1]
	}
	return false
}

func platformFits(platform string, found *probe) bool {
	if platform == "any" {
		return true
	}
	arch := map[string]string{"amd64": "x86_64", "arm64": "aarch64", "386": "i686", "arm": "armv7l"}[runtime.GOARCH]
	if arch == "" {
		arch = runtime.GOARCH
	}
	switch runtime.GOOS {
	case "linux":
		musl := strings.Contains(found.Suffix, "-musl")
		family := strings.HasPrefix(platform, "linux_") || !musl && strings.HasPrefix(platform, "manylinux") ||
			musl && strings.HasPrefix(platform, "musllinux")
		return family && strings.HasSuffix(platform, "_"+arch)
	case "darwin":
		if arch == "aarch64" {
			arch = "arm64"
		}
		return strings.HasPrefix(platform, "macosx_") && (strings.HasSuffix(platform, "_"+arch) || strings.HasSuffix(platform, "_universal2"))
	}
	return true
}
