// Calls two functions of sqlparse.utils that a translator made native, and one that the bridge serves, with the same inputs
// as CPython would get; prints what came out. GOPHERSNAKE_PYTHON may name nothing: native Go needs no Python.
package main

import (
	"fmt"
	"log"
	"os"

	"go.internal/py-sqlparse/sqlparse/utils"
	"go.internal/pyrt"
)

func main() {
	for _, text := range []string{`"quoted"`, "`x`", "plain", `"`} {
		value, err := utils.RemoveQuotes(text)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%q\n", value)
	}
	if len(os.Args) > 1 && os.Args[1] == "guarded" { // what native Go does not take goes to Python, and is counted
		handle, err := pyrt.NewObject("'handle'")
		for _, value := range []any{handle, func() {}, 7, "\xff", nil, "'text'"} {
			before := pyrt.GuardedCalls()
			_, err = utils.RemoveQuotes(value)
			fmt.Printf("%T: guarded %d, failed %v\n", value, pyrt.GuardedCalls()-before, err != nil)
		}
		return
	}
	if len(os.Args) > 1 { // what was not translated asks Python
		_, err := utils.Consume([]any{1, 2, 3}, 2)
		fmt.Println("bridged:", err != nil)
	}
}
