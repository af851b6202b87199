// Holds Go versions against golang.org/x/mod: lines "<go version>\t<python version>" in ascending order of the Python
// versions. Every one must be canonical, above the one before, no pseudo-version, and need no escaping.
//
//	driver 90000 1 | go run check.go
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

func main() {
	scanner := bufio.NewScanner(os.Stdin)
	before, count, bad, longest := "", 0, 0, 0
	fail := func(what, line string) {
		bad++
		if bad < 20 {
			fmt.Println(what, line)
		}
	}
	for scanner.Scan() {
		line := scanner.Text()
		version, _, _ := strings.Cut(line, "\t")
		count++
		if !semver.IsValid(version) || module.CanonicalVersion(version) != version {
			fail("not canonical:", line)
		}
		if module.IsPseudoVersion(version) {
			fail("pseudo-version:", line)
		}
		if escaped, err := module.EscapeVersion(version); err != nil || escaped != version {
			fail("needs escaping:", line)
		}
		path := "go.internal/py-x"
		if major := semver.Major(version); major != "v0" && major != "v1" {
			path += "/" + major
		}
		if err := module.Check(path, version); err != nil {
			fail(err.Error(), line)
		}
		if before != "" && semver.Compare(before, version) >= 0 {
			fail("not above "+before+":", line)
		}
		longest = max(longest, len(version))
		before = version
	}
	fmt.Printf("%d versions, %d wrong, longest %d bytes\n", count, bad, longest)
	if bad > 0 || count == 0 || scanner.Err() != nil {
		os.Exit(1)
	}
}
