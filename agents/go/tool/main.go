// Command tool reads Go for gophersnake: it lists the functions of bridged
// packages, prints their API, and merges Go that came from outside into them.
// It runs in the sandbox: one request on standard input, one answer on
// standard output, both JSON; it only ever reads files.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

type request struct {
	Command string `json:"command"` // "functions", "api", "merge", "bundle"
	Bridged string `json:"bridged"` // of "functions" and "merge": folder of the bridged package
	// Of "api".
	Root     string   `json:"root"`     // folder of the neutral code, what "py/" stands for
	Packages []string `json:"packages"` // import paths
	// Of "merge".
	Out     string            `json:"out"`     // folder of what the translator wrote
	Package string            `json:"package"` // package clause
	Header  string            `json:"header"`  // first line of what is written
	Neutral map[string]string `json:"neutral"` // import path → package name, of what the unit may import
	Tables  map[string]table  `json:"tables"`  // import path → table that it may import
	// Of Go modules from outside: import path → package name, nil when the module has no such package; and the list, for people.
	Outside map[string]*string `json:"outside"`
	Modules string             `json:"modules"`
	Replace []string           `json:"replace"` // "Name" or "Type.Name": what may be replaced
	Dropped map[string]string  `json:"dropped"` // declaration → reason, from earlier rounds
	Bundle  *bundleRequest     `json:"bundle"`  // of "bundle"
	// Of proved functions: Python parameter → values that go to the native code, and what parameters there are (agents/prove.h).
	Guards     map[string]map[string]guardRow `json:"guards"`
	Parameters map[string][][2]string         `json:"parameters"`
}

type table struct {
	Package string `json:"package"` // clause
	Digest  string `json:"digest"`  // of its Go: not looked at
}

type answer struct {
	Functions []functionRow     `json:"functions,omitempty"`
	API       map[string]string `json:"api,omitempty"`
	Merge     *mergeAnswer      `json:"merge,omitempty"`
	Standard  []string          `json:"standard,omitempty"` // of "functions": the standard-library allow-list
	Bundle    *bundleAnswer     `json:"bundle,omitempty"`
}

func run() error {
	var in request
	decoder := json.NewDecoder(os.Stdin)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		return fmt.Errorf("request: %w", err)
	}
	var out answer
	var err error
	switch in.Command {
	case "functions":
		out.Functions, err = listFunctions(in.Bridged)
		out.Standard = standardPackages
	case "api":
		out.API, err = printAPI(in.Root, in.Packages)
	case "merge":
		out.Merge, err = merge(&in)
	case "bundle":
		if in.Bundle == nil {
			return fmt.Errorf("request: no bundle")
		}
		out.Bundle, err = writeBundle(in.Bundle)
	default:
		err = fmt.Errorf("unknown command %q", in.Command)
	}
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(&out)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
